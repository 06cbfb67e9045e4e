-- Committed batches that hold fewer blocks than they say; account histories have no block rows.
SELECT a.from_block AS from_block, a.to_block AS to_block, a.block_count AS stated, count(b.block_number) AS held
FROM ingest_audit AS a
LEFT JOIN (SELECT chain_id, toNullable(block_number) AS block_number FROM blocks WHERE chain_id = {chain_id:UInt64}) AS b
    ON b.chain_id = a.chain_id
WHERE a.chain_id = {chain_id:UInt64} AND a.source != 'tables'
    AND (b.block_number IS NULL OR b.block_number BETWEEN a.from_block AND a.to_block)
GROUP BY from_block, to_block, stated
HAVING held != stated OR held != to_block - from_block + 1
ORDER BY from_block
LIMIT 100
