-- Money taken from many at a few fixed prices, of which earlier payers are paid, from another wallet: illegal fund-raising.
--
-- method: Bartoletti et al. (2020), Dissecting Ponzi schemes on Ethereum, criteria R1 to R4, for schemes of several wallets; FATF (2020)
-- grain: address and role
--
-- A scheme that takes and pays with one address is `ponzi`. Here one wallet collects and others, fed by it, pay.
WITH
    -- Who takes from many, and gives to somebody who pays several and lives on it.
    busy AS
    (
        SELECT to_address AS collector, token_address
        FROM settled
        WHERE to_address NOT IN (SELECT address FROM known_parties WHERE is_service)
        GROUP BY collector, token_address
        HAVING uniqExact(from_address) BETWEEN {min_investors:UInt64} AND {max_investors:UInt64}
    ),
    payers AS
    (
        SELECT
            to_address AS payer, token_address, argMax(from_address, (total, from_address)) AS feeder, max(total) AS fed, sum(total) AS received
        FROM
        (
            SELECT to_address, token_address, from_address, sum(units) AS total
            FROM settled
            WHERE (to_address, token_address) IN
                (SELECT from_address, token_address FROM settled GROUP BY from_address, token_address HAVING uniqExact(to_address) >= {min_repaid:UInt64})
            GROUP BY to_address, token_address, from_address
        )
        GROUP BY payer, token_address
        HAVING fed >= {min_fed:Float64} * received AND (feeder, token_address) IN (SELECT collector, token_address FROM busy)
    ),
    tickets AS
    (
        SELECT to_address AS collector, token_address, from_address AS investor, round(units, 6) AS price, units, asset, block_number, transaction_index, transaction_hash
        FROM settled
        WHERE (to_address, token_address) IN (SELECT feeder, token_address FROM payers)
            AND from_address NOT IN (SELECT address FROM infrastructure)
    ),
    priced AS
    (
        SELECT collector, token_address
        FROM (SELECT collector, token_address, price, count() AS sold FROM tickets GROUP BY collector, token_address, price)
        GROUP BY collector, token_address
        HAVING arraySum(arraySlice(arrayReverseSort(groupArray(sold)), 1, 3)) >= {min_at_price:Float64} * sum(sold)
    ),
    investors AS
    (
        SELECT
            collector, token_address, investor, min(asset) AS what, sum(units) AS invested, min((block_number, transaction_index)) AS joined,
            min(transaction_hash) AS joining,
            percent_rank() OVER (PARTITION BY collector, token_address ORDER BY min((block_number, transaction_index))) AS late
        FROM tickets
        WHERE (collector, token_address) IN (SELECT collector, token_address FROM priced)
        GROUP BY collector, token_address, investor
    ),
    payouts AS
    (
        SELECT
            p.payer AS payer, p.feeder AS collector, m.token_address AS token_address, m.to_address AS investor, sum(m.units) AS returned,
            max((m.block_number, m.transaction_index)) AS last_payout, min(m.transaction_hash) AS paying
        FROM settled AS m
        INNER JOIN payers AS p ON p.payer = m.from_address AND p.token_address = m.token_address
        WHERE (m.from_address, m.token_address) IN (SELECT payer, token_address FROM payers)
        GROUP BY payer, collector, token_address, investor
    ),
    schemes AS
    (
        SELECT
            o.collector AS collector, o.token_address AS token_address, o.payer AS payer, sum(o.returned) AS paid,
            sumIf(o.returned, i.invested > 0 AND o.last_payout > i.joined) AS paid_to_investors, countIf(i.invested > 0) AS repaid_count,
            sumIf(o.returned, i.invested > 0 AND i.late < 0.5) AS paid_early, groupArray(15)(o.paying) AS payings
        FROM payouts AS o
        LEFT JOIN investors AS i ON i.collector = o.collector AND i.token_address = o.token_address AND i.investor = o.investor
        GROUP BY collector, token_address, payer
        HAVING paid_to_investors >= {min_to_investors:Float64} * paid AND repaid_count >= {min_repaid:UInt64}
            AND paid_early >= {min_early:Float64} * paid_to_investors
    ),
    ended AS
    (
        SELECT
            s.collector AS collector, s.payer AS payer, any(i.what) AS asset, count() AS investor_count, sum(i.invested) AS taken, any(s.paid_to_investors) AS returned,
            any(s.repaid_count) AS repaid, any(s.paid_early / s.paid_to_investors) AS early, arrayConcat(groupArray(15)(i.joining), any(s.payings)) AS evidence
        FROM schemes AS s
        INNER JOIN investors AS i ON i.collector = s.collector AND i.token_address = s.token_address
        GROUP BY collector, payer
        HAVING returned <= taken
    )
SELECT
    part.1 AS address,
    part.2 AS role,
    early * (1 - 1 / investor_count) AS strength,
    concat(
        if(role = 'actor', 'Took ', 'Paid for a collector that took '), toString(round(taken, 4)), ' ', asset, ' from ', toString(investor_count),
        ' payers at fixed prices; ', toString(repaid), ' of them got ', toString(round(returned, 4)), ' back, ', toString(round(100 * early)),
        ' % of it those who came first.'
    ) AS sentence,
    evidence
FROM ended
ARRAY JOIN [(collector, 'actor'), (payer, 'payer')] AS part
