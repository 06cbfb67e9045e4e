-- Variants' transactions as the chain would have them; `transactions` is a temporary table that stands in front of the real one.
--
-- builds: transactions
-- grain: variant, transaction
INSERT INTO transactions (chain_id, block_number, block_timestamp, transaction_index, transaction_hash, from_address,
    to_address, value, method_id, input_length, success)
SELECT
    {chain_id:UInt64}, block_number, toDateTime(moved_at, 'UTC'), transaction_index, transaction_hash,
    if(is_out = 1, address, counterparty), if(is_out = 1, counterparty, address), amount, method_id, input_length, success
FROM variant_native_moves
WHERE kind = 'transaction'
