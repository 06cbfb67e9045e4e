-- What one wallet does with the native coin up to a block, its latest moves: transactions and native movements without one.
--
-- A payment to itself stands once, as one that went out. Making a contract is no move. As sql/features/01_moves.sql takes them.
SELECT *
FROM
(
    SELECT
        'transaction' AS kind, toUInt8(from_address = toFixedString(unhex({address:String}), 20)) AS is_out,
        if(from_address = toFixedString(unhex({address:String}), 20), assumeNotNull(called.to_address), from_address) AS counterparty,
        toUnixTimestamp(block_timestamp) AS moved_at, block_number, transaction_index, toUInt32(0) AS position,
        transaction_hash, value AS amount, success, method_id, input_length
    FROM transactions AS called
    WHERE chain_id = {chain_id:UInt64} AND block_number <= {to_block:UInt64} AND called.to_address IS NOT NULL
        AND (from_address = toFixedString(unhex({address:String}), 20) OR called.to_address = toFixedString(unhex({address:String}), 20))
    UNION ALL
    SELECT
        CAST(kind AS String), toUInt8(from_address = toFixedString(unhex({address:String}), 20)),
        if(from_address = toFixedString(unhex({address:String}), 20), to_address, from_address),
        toUnixTimestamp(block_timestamp), block_number, transaction_index, position,
        transaction_hash, amount, 1, '', 0
    FROM transfers
    WHERE chain_id = {chain_id:UInt64} AND block_number <= {to_block:UInt64} AND kind IN ('internal', 'withdrawal')
        AND (from_address = toFixedString(unhex({address:String}), 20) OR to_address = toFixedString(unhex({address:String}), 20))
)
ORDER BY block_number DESC, transaction_index DESC, position DESC
LIMIT {most:UInt64}
