-- Committed batches that touch a range of blocks, account histories apart, which have no blocks.
SELECT from_block, to_block, CAST(source AS String) AS source
FROM ingest_audit
WHERE chain_id = {chain_id:UInt64}
    AND source != 'tables'
    AND from_block <= {last:UInt64}
    AND to_block >= {first:UInt64}
ORDER BY from_block, to_block, source
