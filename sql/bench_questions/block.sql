-- One block with what its transactions add up to.
SELECT block_number, block_hash, block_timestamp, miner, transactions.transaction_count, transactions.failed_count
FROM blocks
LEFT JOIN (
    SELECT block_number, count() AS transaction_count, countIf(success = 0) AS failed_count
    FROM transactions
    WHERE chain_id = {chain_id:UInt64} AND block_number = {block:UInt64}
    GROUP BY block_number
) AS transactions ON transactions.block_number = blocks.block_number
WHERE chain_id = {chain_id:UInt64} AND block_number = {block:UInt64}
