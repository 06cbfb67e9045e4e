-- Transactions up to the newest block row whose own block row is missing; account histories have no block rows at all.
SELECT block_number, count() AS transactions
FROM transactions
WHERE chain_id = {chain_id:UInt64}
    AND block_number <= (SELECT maxOrNull(block_number) FROM blocks WHERE chain_id = {chain_id:UInt64})
    AND block_number NOT IN (SELECT block_number FROM blocks WHERE chain_id = {chain_id:UInt64})
GROUP BY block_number
ORDER BY block_number
LIMIT 100
