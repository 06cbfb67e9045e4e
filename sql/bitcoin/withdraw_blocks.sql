-- Withdraw the headers of a range of blocks.
INSERT INTO bitcoin_blocks (network, block_number, version, is_deleted)
SELECT network, block_number, version + 1, 1
FROM bitcoin_blocks
WHERE network = {network:String} AND block_number BETWEEN {first:UInt64} AND {last:UInt64}
