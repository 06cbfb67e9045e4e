-- Withdraw the transactions of a range of blocks.
INSERT INTO transactions (chain_id, block_number, transaction_index, version, is_deleted)
SELECT chain_id, block_number, transaction_index, version + 1, 1
FROM transactions
WHERE chain_id = {chain_id:UInt64} AND block_number BETWEEN {first:UInt64} AND {last:UInt64}
