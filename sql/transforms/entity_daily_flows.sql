-- What came in to and went out of every labelled actor, by day: coins and fungible tokens between it and somebody else.
--
-- builds: entity_daily_flows
-- grain: chain_id, day, aspect, actor, category, token
-- scope: day
--
-- A transfer counts by the actor that its addresses had at its time (address_actors). Between two addresses of one actor
-- nothing flows. Left out: fees, wrapping, collectibles, empty transfers, mint and burn (the zero address is nobody), and what is
-- in doubt. An actor whose labels name a kind of people (`known user`, `fake_phishing`) stands for all of them together.
-- Whole days are added up, from the one in which the last batch before the changed blocks ended; rows that are no more go.
INSERT INTO entity_daily_flows
    (chain_id, day, aspect, actor, category, token_address, inflow_count, inflow_amount, outflow_count, outflow_amount, net_amount,
     left_out_count, as_of_block, version, is_deleted)
WITH
    (
        SELECT toDate(max(to_block_timestamp), 'UTC')
        FROM ingest_audit
        WHERE chain_id = {chain_id:UInt64} AND to_block < {from_block:UInt64}
    ) AS first_day,
    actors AS (
        SELECT address, CAST(aspect AS String) AS aspect, CAST(actor AS String) AS actor, category, valid_from, valid_to
        FROM address_actors
        WHERE chain_id = {chain_id:UInt64}
    ),
    days AS (
        SELECT toDate(block_timestamp, 'UTC') AS day, max(block_number) AS last_block
        FROM transfers
        WHERE chain_id = {chain_id:UInt64} AND block_number <= {to_block:UInt64} AND toDate(block_timestamp, 'UTC') >= first_day
        GROUP BY day
    ),
    moved AS (
        SELECT block_timestamp, from_address, to_address, token_address, amount, amount_overflow
        FROM transfers
        WHERE chain_id = {chain_id:UInt64}
            AND block_number <= {to_block:UInt64}
            AND toDate(block_timestamp, 'UTC') >= first_day
            AND kind IN ('native', 'internal', 'erc20')
            AND doubt = ''
            AND amount > 0
            AND from_address != to_address
            AND from_address != toFixedString('', 20)
            AND to_address != toFixedString('', 20)
            AND (from_address IN (SELECT address FROM actors) OR to_address IN (SELECT address FROM actors))
    ),
    -- One row per end of a transfer and aspect in which that end has an actor; beside it the actors of the other end.
    ends AS (
        SELECT
            m.block_timestamp AS block_timestamp, m.token_address AS token_address, m.amount AS amount,
            m.amount_overflow AS amount_overflow, end.1 AS address, end.2 AS other, end.3 AS is_inflow
        FROM moved AS m
        ARRAY JOIN [(to_address, from_address, 1), (from_address, to_address, 0)] AS end
        WHERE end.1 IN (SELECT address FROM actors)
    ),
    named AS (
        SELECT e.*, a.aspect AS aspect, a.actor AS actor, a.category AS category
        FROM ends AS e
        INNER JOIN actors AS a ON a.address = e.address
        WHERE e.block_timestamp >= a.valid_from AND e.block_timestamp < a.valid_to
    ),
    inside AS (
        SELECT n.address AS address, n.other AS other, n.block_timestamp AS block_timestamp, n.aspect AS aspect
        FROM (SELECT DISTINCT address, other, block_timestamp, aspect, actor FROM named) AS n
        INNER JOIN actors AS b ON b.address = n.other AND b.aspect = n.aspect AND b.actor = n.actor
        WHERE n.block_timestamp >= b.valid_from AND n.block_timestamp < b.valid_to
    ),
    current AS (
        SELECT
            toDate(block_timestamp, 'UTC') AS day,
            aspect,
            actor,
            CAST(category AS String) AS category,
            token_address,
            countIf(is_inflow) AS inflow_count,
            sumIf(amount, is_inflow AND NOT amount_overflow) AS inflow_amount,
            countIf(NOT is_inflow) AS outflow_count,
            sumIf(amount, NOT is_inflow AND NOT amount_overflow) AS outflow_amount,
            countIf(amount_overflow) AS left_out_count
        FROM named
        WHERE (address, other, block_timestamp, aspect) NOT IN (SELECT address, other, block_timestamp, aspect FROM inside)
        GROUP BY day, aspect, actor, category, token_address
    )
SELECT
    {chain_id:UInt64}, c.day, c.aspect, c.actor, c.category, c.token_address, c.inflow_count, c.inflow_amount, c.outflow_count,
    c.outflow_amount, toInt256(c.inflow_amount) - toInt256(c.outflow_amount), c.left_out_count, d.last_block, {version:UInt64}, 0
FROM current AS c
INNER JOIN days AS d ON d.day = c.day
UNION ALL
SELECT
    chain_id, day, aspect, actor, category, token_address, 0, 0, 0, 0, 0, 0, as_of_block, {version:UInt64}, 1
FROM entity_daily_flows
WHERE chain_id = {chain_id:UInt64} AND day >= first_day
    AND (day, CAST(aspect AS String), CAST(actor AS String), CAST(category AS String), token_address) NOT IN (
        SELECT day, aspect, actor, category, token_address FROM current
    )
