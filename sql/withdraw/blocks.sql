-- Withdraw the headers of a range of blocks.
INSERT INTO blocks (chain_id, block_number, version, is_deleted)
SELECT chain_id, block_number, version + 1, 1
FROM blocks
WHERE chain_id = {chain_id:UInt64} AND block_number BETWEEN {first:UInt64} AND {last:UInt64}
