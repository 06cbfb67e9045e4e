-- The latest hundred logs of a contract with one event signature.
SELECT block_number, block_timestamp, transaction_hash, log_index, topics, data
FROM logs
WHERE chain_id = {chain_id:UInt64} AND address = unhex({contract:String}) AND topics[1] = unhex({topic:String})
ORDER BY block_number DESC, log_index DESC
LIMIT 100
