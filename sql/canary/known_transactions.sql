-- What some wallets did up to a block, out of the store's own table; `transactions` is a temporary table in front of it.
--
-- builds: transactions
INSERT INTO transactions (chain_id, block_number, block_timestamp, transaction_index, transaction_hash, nonce, from_address, to_address,
    value, gas_price, gas_used, effective_gas_price, method_id, input_length, success, contract_address)
SELECT
    chain_id, block_number, block_timestamp, transaction_index, transaction_hash, nonce, from_address, to_address,
    value, gas_price, gas_used, effective_gas_price, method_id, input_length, success, contract_address
FROM {database:Identifier}.transactions AS stored
WHERE chain_id = {chain_id:UInt64} AND block_number <= {to_block:UInt64}
    AND (
        from_address IN (SELECT arrayJoin({addresses:Array(FixedString(20))}))
        OR stored.to_address IN (SELECT arrayJoin({addresses:Array(FixedString(20))}))
    )
