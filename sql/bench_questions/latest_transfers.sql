-- The latest hundred transfers of the chain.
SELECT block_number, block_timestamp, transaction_hash, kind, from_address, to_address, token_address, amount
FROM transfers
WHERE chain_id = {chain_id:UInt64}
ORDER BY block_number DESC, transaction_index DESC, kind DESC, position DESC
LIMIT 100
