-- Days of a token whose flows are not its transfers of that day: other ones, too many or missing.
--
-- Looked at are the days from the first to the last block that the table knows at all: what was not derived yet is no fault.
SELECT
    concat('0x', lower(hex(token))) AS token, on_day AS day, sum(stated) AS stated_transfers, sum(held) AS held_transfers
FROM (
    SELECT
        token_address AS token, day AS on_day, transfer_count + mint_count + burn_count AS stated, 0 AS held,
        toInt256(transfer_amount) AS moved, toInt256(mint_amount) - toInt256(burn_amount) AS net
    FROM token_daily_flows
    WHERE chain_id = {chain_id:UInt64}
    UNION ALL
    SELECT
        token_address, toDate(block_timestamp, 'UTC'), 0, count(),
        -sumIf(toInt256(amount), NOT is_left_out AND from_address != nobody AND to_address != nobody),
        sumIf(toInt256(amount), NOT is_left_out AND from_address != nobody AND to_address = nobody)
            - sumIf(toInt256(amount), NOT is_left_out AND from_address = nobody)
    FROM (SELECT *, is_left_out, toFixedString('', 20) AS nobody FROM transfers)
    WHERE chain_id = {chain_id:UInt64}
        AND kind != 'fee'
        AND block_number <= (SELECT maxOrNull(as_of_block) FROM token_daily_flows WHERE chain_id = {chain_id:UInt64})
        AND toDate(block_timestamp, 'UTC') >= (SELECT min(day) FROM token_daily_flows WHERE chain_id = {chain_id:UInt64})
    GROUP BY token_address, toDate(block_timestamp, 'UTC')
)
GROUP BY token, on_day
HAVING stated_transfers != held_transfers OR sum(moved) != 0 OR sum(net) != 0
ORDER BY day, token
LIMIT 100
