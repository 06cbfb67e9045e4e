-- A future that never was: what the wallets did after a block goes the other way and is three times as much, and somebody
-- unknown pays each of them, and is paid, in the very next blocks.
--
-- builds: transactions
INSERT INTO transactions (chain_id, block_number, block_timestamp, transaction_index, transaction_hash, nonce, from_address, to_address,
    value, gas_price, gas_used, effective_gas_price, method_id, input_length, success, contract_address)
SELECT
    chain_id, block_number, block_timestamp, transaction_index, transaction_hash, nonce + 1000,
    assumeNotNull(stored.to_address), from_address, value * 3 + 1, gas_price * 7, gas_used + 30000, effective_gas_price * 7,
    unhex('0badc0de'), 36, 1, contract_address
FROM {database:Identifier}.transactions AS stored
WHERE chain_id = {chain_id:UInt64} AND block_number > {to_block:UInt64} AND stored.to_address IS NOT NULL
    AND (
        from_address IN (SELECT arrayJoin({addresses:Array(FixedString(20))}))
        OR stored.to_address IN (SELECT arrayJoin({addresses:Array(FixedString(20))}))
    )
UNION ALL
SELECT
    {chain_id:UInt64}, {to_block:UInt64} + 1 + number, toDateTime({moment:UInt32} + 600 * number, 'UTC'), toUInt32(number),
    toFixedString('canary', 32), number, if(number % 2 = 1, wallet, stranger), if(number % 2 = 1, stranger, wallet),
    toUInt256(987654321) * 1000000000000, toUInt256(1), 90000, toUInt256(1), unhex('0badc0de'), 36, 1, NULL
FROM
(
    SELECT
        arrayJoin({addresses:Array(FixedString(20))}) AS wallet, toFixedString('canary', 20) AS stranger,
        arrayJoin([toUInt64(0), toUInt64(1), toUInt64(2)]) AS number
)
