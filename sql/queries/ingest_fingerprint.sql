-- Fingerprint of all committed batches of a chain: another batch, wherever its blocks lie, gives another one.
SELECT hex(groupBitXor(sipHash64(from_block, to_block, source, version))) AS fingerprint
FROM ingest_audit
WHERE chain_id = {chain_id:UInt64}
