-- What one wallet does with the native coin up to a block, its latest moves: transactions and native movements without one.
--
-- A payment to itself stands once, as one that went out. Making a contract is no move. As sql/features/01_moves.sql takes them.
--
-- No table has every transaction by address: calls that move no coin, and failed ones, are in `transactions` alone, whose indexes leave
-- out what the wallet had no part in. What it moved otherwise `address_transfers` finds; hashes are in `transfers`. A few rows of
-- many places are read: other threads, or reading in the order of the chain, would cost more than they save.
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
    WHERE chain_id = {chain_id:UInt64} AND kind IN ('internal', 'withdrawal')
        AND (block_number, transaction_index) IN (
            SELECT block_number, transaction_index
            FROM address_transfers
            WHERE chain_id = {chain_id:UInt64} AND address = toFixedString(unhex({address:String}), 20)
                AND block_number <= {to_block:UInt64} AND kind IN ('internal', 'withdrawal')
                AND NOT (direction = 'in' AND counterparty_address = address)
            ORDER BY block_number DESC, transaction_index DESC, position DESC
            LIMIT {most:UInt64}
        )
        AND (from_address = toFixedString(unhex({address:String}), 20) OR to_address = toFixedString(unhex({address:String}), 20))
)
ORDER BY block_number DESC, transaction_index DESC, position DESC, kind
LIMIT {most:UInt64}
SETTINGS max_threads = 1, optimize_read_in_order = 0
