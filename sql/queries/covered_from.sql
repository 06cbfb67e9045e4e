-- The committed batches that end before a block, the nearest first: how far back the store knows everything.
SELECT from_block, to_block
FROM ingest_audit
WHERE chain_id = {chain_id:UInt64} AND source != 'tables' AND from_block < {before:UInt64}
ORDER BY to_block DESC, from_block DESC
