-- Variants' movements without a transaction and of tokens as the chain would have them; `transfers` is a temporary table, too.
--
-- builds: transfers
-- grain: variant, movement
INSERT INTO transfers (chain_id, block_number, block_timestamp, transaction_index, transaction_hash, kind, position,
    batch_index, from_address, to_address, token_address, token_id, amount)
SELECT
    {chain_id:UInt64}, block_number, toDateTime(moved_at, 'UTC'), transaction_index, transaction_hash, kind, position,
    0 AS batch_index, if(is_out = 1, address, counterparty), if(is_out = 1, counterparty, address),
    toFixedString('', 20) AS token_address, toUInt256(0) AS token_id, amount
FROM variant_native_moves
WHERE kind != 'transaction'
UNION ALL
SELECT
    {chain_id:UInt64}, block_number, toDateTime(moved_at, 'UTC'), transaction_index, transaction_hash, kind, position,
    batch_index, if(is_out = 1, address, counterparty), if(is_out = 1, counterparty, address), token_address, token_id, amount
FROM variant_token_moves
