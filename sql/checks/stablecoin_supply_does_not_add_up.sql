-- Supply changes of the last two days that have any which are not what was minted and burnt, or that know blocks past the watermark.
--
-- What was said, by a Transfer from or to nobody or by Tether's own events, is gathered by transaction, token, direction and amount: where
-- a Transfer says it, the events beside it say it again.
WITH
    unhex('cb8241adb0c3fdb35b70c24ce35c5eb0c17af7431c99f827d44a445ca624176a') AS issue,
    days AS (SELECT DISTINCT day FROM stablecoin_daily_supply WHERE chain_id = {chain_id:UInt64} ORDER BY day DESC LIMIT 2),
    listed AS (SELECT DISTINCT token_address FROM stablecoin_daily_supply WHERE chain_id = {chain_id:UInt64}),
    (SELECT max(as_of_block) FROM stablecoin_daily_supply WHERE chain_id = {chain_id:UInt64}) AS last_block,
    said AS (
        SELECT
            block_number, transaction_index, token_address AS token, toDate(block_timestamp, 'UTC') AS on_day,
            from_address = toFixedString('', 20) AS is_mint, amount AS units, 1 AS is_moved
        FROM transfers
        WHERE chain_id = {chain_id:UInt64} AND block_number <= last_block AND on_day IN (SELECT day FROM days)
            AND kind = 'erc20' AND amount > 0 AND NOT amount_overflow
            AND (from_address = toFixedString('', 20)) != (to_address = toFixedString('', 20))
            AND token_address IN (SELECT token_address FROM listed)
        UNION ALL
        SELECT
            block_number, transaction_index, address, toDate(block_timestamp, 'UTC') AS on_day, topics[1] = issue,
            reinterpretAsUInt256(reverse(substring(data, -32))) AS units, 0
        FROM logs
        WHERE chain_id = {chain_id:UInt64} AND block_number <= last_block AND on_day IN (SELECT day FROM days)
            AND address IN (SELECT token_address FROM listed)
            AND length(topics) = 1
            AND (hex(topics[1]), length(data)) IN (
                ('CB8241ADB0C3FDB35B70C24CE35C5EB0C17AF7431C99F827D44A445CA624176A', 32),
                ('702D5967F45F6513A38FFC42D6BA9BF230BD40E8F53B16363C7EB4FD2DEB9A44', 32),
                ('61E6E66B0D6339B2980AECC6CCC0039736791F0CCDE9ED512E789A7FBDD698C6', 64)
            )
            AND units > 0 AND units < bitShiftLeft(toUInt256(1), 224)
    ),
    once AS (
        SELECT on_day, token, if(is_mint, toInt256(units), -toInt256(units)) AS net, if(max(is_moved) = 1, sum(is_moved), count()) AS times
        FROM said
        GROUP BY block_number, transaction_index, token, on_day, is_mint, units
    )
SELECT
    on_day AS day, concat('0x', lower(hex(token))) AS token, toString(sum(stated)) AS net, toString(sum(held)) AS held_net,
    sum(stated_times) AS stated_count, sum(held_times) AS held_count
FROM (
    SELECT
        day AS on_day, token_address AS token, net_amount AS stated, toInt256(0) AS held, mint_count + burn_count AS stated_times, 0 AS held_times,
        net_amount != toInt256(mint_amount) - toInt256(burn_amount)
            OR as_of_block > (SELECT max(to_block) FROM ingest_audit WHERE chain_id = {chain_id:UInt64}) AS is_wrong
    FROM stablecoin_daily_supply
    WHERE chain_id = {chain_id:UInt64} AND day IN (SELECT day FROM days)
    UNION ALL
    SELECT on_day, token, toInt256(0), net * times, 0, times, 0 FROM once
)
GROUP BY on_day, token
HAVING sum(stated) != sum(held) OR stated_count != held_count OR max(is_wrong)
ORDER BY day, token
LIMIT 100
