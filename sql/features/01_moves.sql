-- Every transaction and every native movement without one, seen from both of its ends, up to the as-of block.
--
-- builds: feature_moves
-- grain: address, side, transaction or native movement
--
-- Of everybody, or of the addresses in feature_scope: those of which something changed. Making a contract is no move: nobody
-- was paid. Columns are named with their table, since an alias of the same name would stand in their place.
INSERT INTO feature_moves
WITH native AS
(
    SELECT
        from_address, assumeNotNull(called.to_address) AS to_address, toUnixTimestamp(block_timestamp) AS moved_at,
        block_number, transaction_index, 0 AS position, toFloat64(value) / 1e18 AS amount,
        if(value = 0, 0, length(trim(TRAILING '0' FROM toString(value)))) AS digits,
        success, method_id AS selector, input_length, 1 AS is_transaction
    FROM transactions AS called
    WHERE chain_id = {chain_id:UInt64} AND block_number <= {to_block:UInt64} AND called.to_address IS NOT NULL
    UNION ALL
    SELECT
        from_address, to_address, toUnixTimestamp(block_timestamp), block_number, transaction_index, position + 1,
        toFloat64(amount) / 1e18, if(amount = 0, 0, length(trim(TRAILING '0' FROM toString(amount)))),
        1, '', 0, 0
    FROM transfers
    WHERE chain_id = {chain_id:UInt64} AND block_number <= {to_block:UInt64} AND kind IN ('internal', 'withdrawal')
)
SELECT
    if(is_out = 1, from_address, to_address) AS address,
    if(is_out = 1, to_address, from_address) AS counterparty,
    is_out,
    moved_at,
    block_number,
    (toUInt64(transaction_index) * 2 + is_out) * 65536 + least(position, 65535) AS place,
    -- A failed transaction moves nothing.
    if(success != 0, amount, 0) AS amount,
    digits,
    success,
    selector,
    input_length,
    is_transaction
FROM native
ARRAY JOIN [0, 1] AS is_out
WHERE if(is_out = 1, from_address, to_address) != toFixedString('', 20)
    AND ({of_everybody:UInt8} = 1 OR if(is_out = 1, from_address, to_address) IN (SELECT address FROM feature_scope))
