-- How many batches of a range of blocks have events that no receipts root proves to be all there are.
SELECT count() AS batches
FROM ingest_audit
WHERE chain_id = {chain_id:UInt64}
    AND to_block >= {from_block:UInt64}
    AND from_block <= {to_block:UInt64}
    AND NOT has(proofs, 'receipts_root')
