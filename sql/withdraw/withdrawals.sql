-- Withdraw the validator withdrawals of a range of blocks.
INSERT INTO withdrawals (chain_id, block_number, withdrawal_position, version, is_deleted)
SELECT chain_id, block_number, withdrawal_position, version + 1, 1
FROM withdrawals
WHERE chain_id = {chain_id:UInt64} AND block_number BETWEEN {first:UInt64} AND {last:UInt64}
