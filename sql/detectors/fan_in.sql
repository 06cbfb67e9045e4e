-- Many wallets that pay one within a short time, and the one passes it all to one or two others: gathering.
--
-- method: Altman et al. (2023), Realistic synthetic financial transactions for AML, fan-in
-- grain: address and role
--
-- Looked at are windows of {window_seconds}, one beginning every quarter of it, and of each wallet the five in which it got most: what
-- it got long before or after counts only as money (`min_of_all`), so that a trifle sent to it hides nothing.
WITH
    busy AS
    (
        SELECT to_address, token_address
        FROM settled
        WHERE to_address NOT IN (SELECT address FROM infrastructure) AND from_address NOT IN (SELECT address FROM infrastructure)
        GROUP BY to_address, token_address
        HAVING uniqExact(from_address) >= {min_givers:UInt64}
    ),
    receipts AS
    (
        SELECT
            to_address AS address, token_address, asset, from_address, units, transaction_hash, toUnixTimestamp(block_timestamp) AS at,
            sum(units) OVER (PARTITION BY to_address, token_address) AS income
        FROM settled
        WHERE (to_address, token_address) IN (SELECT to_address, token_address FROM busy)
    ),
    gathered AS
    (
        SELECT
            address, token_address, intDiv(at * 4, {window_seconds:UInt64}) - arrayJoin([0, 1, 2, 3]) AS window_number, min(asset) AS what,
            uniqExact(from_address) AS givers, sum(units) AS received, any(income) AS received_ever, count() AS receipt_count,
            min(at) AS since, max(at) AS until, groupArray(25)(transaction_hash) AS evidence
        FROM receipts
        WHERE from_address NOT IN (SELECT address FROM infrastructure)
        GROUP BY address, token_address, window_number
        HAVING givers >= {min_givers:UInt64} AND receipt_count <= {max_receipts_each:UInt64} * givers
            AND received >= {min_of_all:Float64} * received_ever
        ORDER BY received DESC, window_number
        LIMIT 5 BY address, token_address
    ),
    passed AS
    (
        SELECT
            g.address AS address, g.token_address AS token_address, g.window_number AS window_number, m.to_address AS receiver, sum(m.units) AS given,
            groupArray(5)(m.transaction_hash) AS passing
        FROM gathered AS g
        INNER JOIN settled AS m ON m.from_address = g.address AND m.token_address = g.token_address
        WHERE toUnixTimestamp(m.block_timestamp) BETWEEN g.since AND g.until + {window_seconds:UInt64}
        GROUP BY address, token_address, window_number, receiver
    ),
    -- Those who got most of it are the receivers; trifles to others hide nothing.
    ranked AS
    (
        SELECT *, row_number() OVER (PARTITION BY address, token_address, window_number ORDER BY given DESC, receiver) <= {max_receivers:UInt64} AS is_main
        FROM passed
    ),
    beyond AS
    (
        SELECT
            address, token_address, window_number, sum(given) AS sent, countIf(is_main) AS receivers, sumIf(given, is_main) AS sent_on,
            arrayFlatten(groupArrayIf(passing, is_main)) AS evidence
        FROM ranked
        GROUP BY address, token_address, window_number
    )
SELECT
    g.address AS address,
    'collector' AS role,
    least(1, sent_on / received) * (1 - 1 / givers) AS strength,
    concat(
        'Gathered ', toString(round(received, 4)), ' ', what, ' from ', toString(givers), ' wallets within ',
        toString(round((until - since) / 3600, 1)), ' hours and passed ', toString(round(100 * least(1, sent_on / received), 1)), ' % on to ',
        toString(receivers), ' receivers.'
    ) AS sentence,
    arrayConcat(g.evidence, b.evidence) AS evidence
FROM gathered AS g
INNER JOIN beyond AS b ON b.address = g.address AND b.token_address = g.token_address AND b.window_number = g.window_number
WHERE sent_on >= {min_share:Float64} * greatest(received, sent)
