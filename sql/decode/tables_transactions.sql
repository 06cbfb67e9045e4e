-- Transactions from account histories: one row for a transaction that stands in several histories.
INSERT INTO transactions (
    chain_id, block_number, block_timestamp, transaction_index, transaction_hash, transaction_type, nonce,
    from_address, to_address, value, gas_limit, gas_price, input_length, method_id, success, gas_used,
    cumulative_gas_used, effective_gas_price, version
)
SELECT
    {chain_id:UInt64},
    t.block,
    t.ts,
    -- Genesis allocations have no giver and no index; the receiver makes them distinct.
    if(sender.address = '', toUInt32(bitAnd(cityHash64(receiver.address), 2147483647)), toUInt32(t.tx_index)),
    -- The histories keep the first 8 bytes of the hash, as a signed big-endian number; the rest stays zero.
    toFixedString(toString(reverse(reinterpretAsFixedString(t.hash8))), 32),
    0,
    0,
    toFixedString(sender.address, 20),
    if(receiver.address = '', NULL, toFixedString(receiver.address, 20)),
    toUInt256(t.value_wei),
    0,
    t.gas_price,
    -- input_len counts the characters of 0x….
    greatest(intDiv(t.input_len - 2, 2), 0),
    unhex(substring(t.method_id, 3)),
    t.is_error = 0,
    t.gas_used,
    0,
    t.gas_price,
    {version:UInt64}
FROM (
    SELECT
        block,
        tx_index,
        hash8,
        from_id,
        to_id,
        any(ts) AS ts,
        any(value_wei) AS value_wei,
        any(gas_price) AS gas_price,
        any(gas_used) AS gas_used,
        any(is_error) AS is_error,
        any(method_id) AS method_id,
        any(input_len) AS input_len
    FROM staged_transactions
    GROUP BY block, tx_index, hash8, from_id, to_id
) AS t
INNER JOIN staged_addresses AS sender ON sender.id = t.from_id
LEFT JOIN staged_addresses AS receiver ON receiver.id = t.to_id
