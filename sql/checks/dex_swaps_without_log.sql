-- Trades that no Swap event stands behind.
SELECT block_number, log_index
FROM dex_swaps
WHERE chain_id = {chain_id:UInt64}
    AND (block_number, log_index, pool) NOT IN (SELECT block_number, log_index, address FROM logs WHERE chain_id = {chain_id:UInt64})
ORDER BY block_number, log_index
LIMIT 100
