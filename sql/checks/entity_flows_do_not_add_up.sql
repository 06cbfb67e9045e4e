-- Flows of actors that are not the transfers of their addresses on the last two days that have any, or that know blocks past the watermark.
--
-- A transfer is looked at once for each actor of its addresses, with the actors that the other side had at that time.
WITH days AS (SELECT DISTINCT day FROM entity_daily_flows WHERE chain_id = {chain_id:UInt64} ORDER BY day DESC LIMIT 2)
SELECT
    on_day AS day, aspect, actor, concat('0x', lower(hex(token))) AS token, toString(sum(stated)) AS net,
    toString(sum(held)) AS held_net, toInt64(sum(stated_count)) AS stated_transfers, toInt64(sum(held_count)) AS held_transfers
FROM (
    SELECT
        day AS on_day, CAST(aspect AS String) AS aspect, CAST(actor AS String) AS actor, CAST(category AS String) AS category,
        token_address AS token, net_amount AS stated, toInt256(0) AS held, inflow_count + outflow_count AS stated_count, 0 AS held_count,
        toInt256(inflow_amount) - toInt256(outflow_amount) != net_amount
            OR as_of_block > (SELECT max(to_block) FROM ingest_audit WHERE chain_id = {chain_id:UInt64}) AS is_wrong
    FROM entity_daily_flows
    WHERE chain_id = {chain_id:UInt64} AND day IN (SELECT day FROM days)
    UNION ALL
    SELECT
        toDate(m.at, 'UTC'), CAST(a.aspect AS String), CAST(a.actor AS String), CAST(a.category AS String), m.token, toInt256(0),
        multiIf(m.overflows, toInt256(0), m.comes_in, toInt256(m.units), -toInt256(m.units)), 0, 1, 0
    FROM (
        SELECT
            block_timestamp AS at, side.1 AS me, side.2 AS other, side.3 AS comes_in, token_address AS token, amount AS units,
            amount_overflow AS overflows
        FROM transfers
        ARRAY JOIN [(from_address, to_address, 0), (to_address, from_address, 1)] AS side
        WHERE chain_id = {chain_id:UInt64}
            AND toDate(block_timestamp, 'UTC') IN (SELECT day FROM days)
            AND block_number <= (SELECT max(as_of_block) FROM entity_daily_flows WHERE chain_id = {chain_id:UInt64})
            AND kind IN ('native', 'internal', 'erc20')
            AND doubt = ''
            AND amount > 0
            AND from_address != to_address
            AND from_address != toFixedString('', 20)
            AND to_address != toFixedString('', 20)
    ) AS m
    INNER JOIN (SELECT * FROM address_actors WHERE chain_id = {chain_id:UInt64}) AS a ON a.address = m.me
    LEFT JOIN (
        SELECT address, groupArray((CAST(aspect AS String), CAST(actor AS String), valid_from, valid_to)) AS actors
        FROM address_actors
        WHERE chain_id = {chain_id:UInt64}
        GROUP BY address
    ) AS b ON b.address = m.other
    WHERE a.valid_from <= m.at AND m.at < a.valid_to
        AND NOT arrayExists(
            one -> one.1 = CAST(a.aspect AS String) AND one.2 = CAST(a.actor AS String) AND one.3 <= m.at AND m.at < one.4, b.actors
        )
)
GROUP BY on_day, aspect, actor, category, token
HAVING sum(stated) != sum(held) OR stated_transfers != held_transfers OR max(is_wrong)
ORDER BY day, aspect, actor, token
LIMIT 100
