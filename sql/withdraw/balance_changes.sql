-- Withdraw what a range of blocks did to balances.
INSERT INTO balance_changes (chain_id, address, token_address, standard, token_id, block_number, version, is_deleted)
SELECT chain_id, address, token_address, standard, token_id, block_number, version + 1, 1
FROM balance_changes
WHERE chain_id = {chain_id:UInt64} AND block_number BETWEEN {first:UInt64} AND {last:UInt64}
