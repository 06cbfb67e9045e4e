-- Token transfers that no event log stands behind, where logs were read at all.
SELECT block_number, position, kind
FROM transfers
WHERE chain_id = {chain_id:UInt64} AND kind IN ('erc20', 'erc721', 'erc1155')
    AND (block_number, position) NOT IN (SELECT block_number, log_index FROM logs WHERE chain_id = {chain_id:UInt64})
    AND block_number IN (SELECT DISTINCT block_number FROM blocks WHERE chain_id = {chain_id:UInt64})
ORDER BY block_number, position
LIMIT 100
