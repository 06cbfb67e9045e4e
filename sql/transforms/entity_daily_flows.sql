-- What came in to and went out of every labelled actor, by day: coins and fungible tokens between it and somebody else.
--
-- builds: entity_daily_flows
-- grain: chain_id, day, aspect, actor, category, token
-- scope: day
--
-- A transfer counts by the actor that its addresses had at its time (address_actors). Between two addresses of one actor
-- nothing flows. Left out: fees, wrapping, collectibles, empty transfers, mint and burn (the zero address is nobody), and what is
-- in doubt. An actor whose labels name a kind of people (`known user`, `fake_phishing`) stands for all of them together.
-- Whole days are added up, from the one in which the last batch before the changed blocks ended. Rows that stand there are
-- added with nothing in them, so that one to which nothing is added any more is withdrawn; everything is read once.
INSERT INTO entity_daily_flows
    (chain_id, day, aspect, actor, category, token_address, inflow_count, inflow_amount, outflow_count, outflow_amount, net_amount,
     left_out_count, as_of_block, version, is_deleted)
WITH
    (
        SELECT toDate(max(to_block_timestamp), 'UTC')
        FROM ingest_audit
        WHERE chain_id = {chain_id:UInt64} AND to_block < {from_block:UInt64}
    ) AS first_day,
    parties AS (
        SELECT
            address,
            groupArray((CAST(aspect AS String), CAST(actor AS String), CAST(category AS String), valid_from, valid_to)) AS actors
        FROM address_actors
        WHERE chain_id = {chain_id:UInt64}
        GROUP BY address
    ),
    moved AS (
        SELECT block_number, block_timestamp, from_address, to_address, token_address, amount, amount_overflow
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
    ),
    between_parties AS (
        SELECT
            m.*,
            arrayFilter(one -> one.4 <= block_timestamp AND block_timestamp < one.5, givers.actors) AS gave,
            arrayFilter(one -> one.4 <= block_timestamp AND block_timestamp < one.5, receivers.actors) AS got,
            arrayIntersect(arrayMap(one -> (one.1, one.2), gave), arrayMap(one -> (one.1, one.2), got)) AS both,
            -- (aspect, actor, category, came in)
            arrayFilter(flow -> NOT has(both, (flow.1, flow.2)), arrayConcat(
                arrayMap(one -> (one.1, one.2, one.3, 1), got), arrayMap(one -> (one.1, one.2, one.3, 0), gave)
            )) AS flows
        FROM moved AS m
        LEFT JOIN parties AS givers ON givers.address = m.from_address
        LEFT JOIN parties AS receivers ON receivers.address = m.to_address
        WHERE notEmpty(givers.actors) OR notEmpty(receivers.actors)
    ),
    counted AS (
        SELECT
            toDate(block_timestamp, 'UTC') AS day, flow.1 AS aspect, flow.2 AS actor, flow.3 AS category, token_address,
            flow.4 AS is_inflow, amount, amount_overflow, block_number, 1 AS is_flow
        FROM between_parties
        ARRAY JOIN flows AS flow
        UNION ALL
        SELECT
            day, CAST(aspect AS String), CAST(actor AS String), CAST(category AS String), token_address,
            0, toUInt256(0), 0, as_of_block, 0
        FROM entity_daily_flows
        WHERE chain_id = {chain_id:UInt64} AND day >= first_day
    )
SELECT
    {chain_id:UInt64} AS of_chain,
    day,
    aspect,
    actor,
    category,
    token_address,
    countIf(is_flow AND is_inflow) AS inflow_count,
    sumIf(amount, is_flow AND is_inflow AND NOT amount_overflow) AS inflow_amount,
    countIf(is_flow AND NOT is_inflow) AS outflow_count,
    sumIf(amount, is_flow AND NOT is_inflow AND NOT amount_overflow) AS outflow_amount,
    toInt256(inflow_amount) - toInt256(outflow_amount) AS net_amount,
    countIf(is_flow AND amount_overflow) AS left_out_count,
    maxIf(block_number, is_flow) AS as_of_block,
    {version:UInt64},
    inflow_count + outflow_count = 0 AS is_gone
FROM counted
GROUP BY day, aspect, actor, category, token_address
