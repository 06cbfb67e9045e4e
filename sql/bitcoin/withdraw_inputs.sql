-- Withdraw the inputs of a range of blocks.
INSERT INTO bitcoin_inputs (network, block_number, transaction_index, input_index, version, is_deleted)
SELECT network, block_number, transaction_index, input_index, version + 1, 1
FROM bitcoin_inputs
WHERE network = {network:String} AND block_number BETWEEN {first:UInt64} AND {last:UInt64}
