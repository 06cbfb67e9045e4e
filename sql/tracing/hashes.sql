-- Hashes of transactions named by block and position, so that a traced path can be looked up anywhere.
SELECT block_number, transaction_index, any(transaction_hash) AS transaction_hash
FROM transfers
WHERE chain_id = {chain_id:UInt64}
    AND block_number IN (SELECT arrayJoin({blocks:Array(UInt64)}))
    AND (block_number, transaction_index) IN (SELECT arrayJoin(arrayZip({blocks:Array(UInt64)}, {indices:Array(UInt64)})))
GROUP BY block_number, transaction_index
