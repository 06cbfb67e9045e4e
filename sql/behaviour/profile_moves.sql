-- The newest transfers of an address up to a block, from its side, gas apart, and the calls it signed that move no coins.
SELECT
    m.block_number AS block_number, acted_at, m.transaction_index AS transaction_index, is_out, hex(other) AS other, m.kind AS kind,
    hex(token) AS token, amount, method
FROM (
    SELECT
        block_number, toUnixTimestamp(block_timestamp) AS acted_at, transaction_index, direction = 'out' AS is_out,
        counterparty_address AS other, CAST(kind AS String) AS kind, token_address AS token,
        if(amount_overflow = 1 OR doubt != '', '0', toString(amount)) AS amount, '' AS method
    FROM address_transfers
    WHERE chain_id = {chain_id:UInt64} AND address = unhex({address:String}) AND block_number <= {to_block:UInt64} AND kind != 'fee'
    UNION ALL
    SELECT
        block_number, toUnixTimestamp(block_timestamp), transaction_index, 1, assumeNotNull(to_address), 'call',
        toFixedString('', 20), '0', lower(hex(method_id))
    FROM transactions
    WHERE chain_id = {chain_id:UInt64} AND from_address = unhex({address:String}) AND block_number <= {to_block:UInt64}
        AND input_length > 0 AND value = 0 AND to_address IS NOT NULL  -- with a value, the transfer of it is the move
        AND (block_number, transaction_index) IN (
            SELECT block_number, transaction_index
            FROM address_transfers
            WHERE chain_id = {chain_id:UInt64} AND address = unhex({address:String}) AND direction = 'out'
                AND block_number <= {to_block:UInt64}
        )
) AS m
ORDER BY block_number DESC, transaction_index DESC, is_out DESC, kind, other, token, amount
LIMIT {most:UInt64}
