-- When a block was, or the last one before it that the store knows; no row where it has none.
SELECT toUnixTimestamp(block_timestamp) AS seconds
FROM transactions
WHERE chain_id = {chain_id:UInt64} AND block_number <= {block_number:UInt64}
ORDER BY block_number DESC
LIMIT 1
