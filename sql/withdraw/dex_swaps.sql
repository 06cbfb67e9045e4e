-- Withdraw the trades of a range of blocks.
INSERT INTO dex_swaps (chain_id, block_number, log_index, version, is_deleted)
SELECT chain_id, block_number, log_index, version + 1, 1
FROM dex_swaps
WHERE chain_id = {chain_id:UInt64} AND block_number BETWEEN {first:UInt64} AND {last:UInt64}
