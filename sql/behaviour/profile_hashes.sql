-- Hashes of the transactions of some blocks in which an address gave or received something, or that it signed.
SELECT block_number, transaction_index, concat('0x', lower(hex(transaction_hash))) AS transaction_hash
FROM transactions
WHERE chain_id = {chain_id:UInt64} AND block_number IN (SELECT arrayJoin({blocks:Array(UInt64)}))
