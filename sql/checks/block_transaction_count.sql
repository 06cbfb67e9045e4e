-- Blocks that state another number of transactions than the store holds.
SELECT b.block_number AS block_number, b.transaction_count AS stated, t.held AS held
FROM blocks AS b
LEFT JOIN
(
    SELECT block_number, count() AS held FROM transactions WHERE chain_id = {chain_id:UInt64} GROUP BY block_number
) AS t ON t.block_number = b.block_number
WHERE b.chain_id = {chain_id:UInt64} AND b.transaction_count != t.held
ORDER BY block_number
LIMIT 100
