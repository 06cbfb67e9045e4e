-- One wallet that takes in from many and soon pays nearly all of it out to many others: gather-scatter.
--
-- method: Altman et al. (2023), Realistic synthetic financial transactions for AML, gather-scatter
-- grain: address and role
--
-- Those paid must be others than those who paid: who pays back is a pool, a bank among friends or a Ponzi scheme. Windows of
-- {window_seconds} are looked at, one beginning every quarter of it, and of each wallet the five in which it got most (see fan_in).
WITH
    receipts AS
    (
        SELECT
            to_address AS address, token_address, asset, from_address, units, transaction_hash, toUnixTimestamp(block_timestamp) AS at,
            sum(units) OVER (PARTITION BY to_address, token_address) AS income
        FROM settled
        WHERE (to_address, token_address) IN
        (
            SELECT to_address, token_address
            FROM settled
            WHERE to_address NOT IN (SELECT address FROM infrastructure) AND from_address NOT IN (SELECT address FROM infrastructure)
            GROUP BY to_address, token_address
            HAVING uniqExact(from_address) >= {min_givers:UInt64}
        )
    ),
    gathered AS
    (
        SELECT
            address, token_address, intDiv(at * 4, {window_seconds:UInt64}) - arrayJoin([0, 1, 2, 3]) AS window_number, min(asset) AS what,
            groupUniqArray({max_parties:UInt64} + 1)(from_address) AS givers, sum(units) AS received, any(income) AS received_ever,
            min(at) AS since, max(at) AS until, groupArray((at, units)) AS parts, groupArray(15)(transaction_hash) AS evidence
        FROM receipts
        WHERE from_address NOT IN (SELECT address FROM infrastructure)
        GROUP BY address, token_address, window_number
        HAVING length(givers) BETWEEN {min_givers:UInt64} AND {max_parties:UInt64} AND received >= {min_of_all:Float64} * received_ever
        ORDER BY received DESC, window_number
        LIMIT 5 BY address, token_address
    ),
    scattered AS
    (
        SELECT
            g.address AS address, g.token_address AS token_address, g.window_number AS window_number,
            groupUniqArray({max_parties:UInt64} + 1)(m.to_address) AS receivers, sum(m.units) AS sent, min(toUnixTimestamp(m.block_timestamp)) AS since,
            max(toUnixTimestamp(m.block_timestamp)) AS until, median(toUnixTimestamp(m.block_timestamp)) AS sent_at, groupArray(15)(m.transaction_hash) AS evidence
        FROM gathered AS g
        INNER JOIN settled AS m ON m.from_address = g.address AND m.token_address = g.token_address
        WHERE toUnixTimestamp(m.block_timestamp) BETWEEN g.since AND g.until + {window_seconds:UInt64}
        GROUP BY address, token_address, window_number
        HAVING length(receivers) BETWEEN {min_receivers:UInt64} AND {max_parties:UInt64} AND until - since <= {window_seconds:UInt64}
    )
SELECT
    g.address AS address,
    'actor' AS role,
    least(1, sent / received) * (1 - 1 / least(length(givers), length(receivers))) AS strength,
    concat(
        'Took in ', toString(round(received, 4)), ' ', what, ' from ', toString(length(givers)), ' wallets within ',
        toString(round((g.until - g.since) / 3600, 1)), ' hours and paid ', toString(round(100 * least(1, sent / received), 1)), ' % of it out to ',
        toString(length(receivers)), ' others within ', toString(round((s.until - s.since) / 3600, 1)), ' hours.'
    ) AS sentence,
    arrayConcat(g.evidence, s.evidence) AS evidence
FROM gathered AS g
INNER JOIN scattered AS s ON s.address = g.address AND s.token_address = g.token_address AND s.window_number = g.window_number
WHERE sent >= {min_share:Float64} * received AND sent <= received * 1.01
    -- Most of it had come in when half of the payments were made: first gathered, then scattered.
    AND arraySum(arrayMap(part -> if(part.1 <= sent_at, part.2, 0.), parts)) >= 0.5 * received
    AND length(arrayIntersect(givers, receivers)) <= 0.2 * length(receivers)
