-- Withdraw the transactions of a range of blocks.
INSERT INTO bitcoin_transactions (network, block_number, transaction_index, version, is_deleted)
SELECT network, block_number, transaction_index, version + 1, 1
FROM bitcoin_transactions
WHERE network = {network:String} AND block_number BETWEEN {first:UInt64} AND {last:UInt64}
