-- The latest hundred transfers of an address, in and out.
SELECT block_number, block_timestamp, transaction_index, kind, direction, counterparty_address, token_address, amount
FROM address_transfers
WHERE chain_id = {chain_id:UInt64} AND address = unhex({address:String})
ORDER BY block_number DESC, transaction_index DESC, kind DESC, position DESC, batch_index DESC, direction DESC
LIMIT 100
