-- Withdraw the outputs of a range of blocks.
INSERT INTO bitcoin_outputs (network, block_number, transaction_index, output_index, version, is_deleted)
SELECT network, block_number, transaction_index, output_index, version + 1, 1
FROM bitcoin_outputs
WHERE network = {network:String} AND block_number BETWEEN {first:UInt64} AND {last:UInt64}
