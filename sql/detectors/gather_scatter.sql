-- One wallet that takes in from many and soon pays nearly all of it out to many others: gather-scatter.
--
-- method: Altman et al. (2023), Realistic synthetic financial transactions for AML, gather-scatter
-- grain: address and role
--
-- Those paid must be others than those who paid: who pays back is a pool, a bank among friends or a Ponzi scheme.
WITH
    gathered AS
    (
        SELECT
            to_address AS address, token_address, min(asset) AS what, groupUniqArray({max_parties:UInt64} + 1)(from_address) AS givers, sum(units) AS received,
            min(block_timestamp) AS since, max(block_timestamp) AS until, count() AS receipts, groupArray(15)(transaction_hash) AS evidence
        FROM settled
        WHERE to_address NOT IN (SELECT address FROM infrastructure) AND from_address NOT IN (SELECT address FROM infrastructure)
        GROUP BY address, token_address
        HAVING length(givers) BETWEEN {min_givers:UInt64} AND {max_parties:UInt64} AND until - since <= {window_seconds:UInt64}
    ),
    scattered AS
    (
        SELECT
            from_address AS address, token_address, groupUniqArray({max_parties:UInt64} + 1)(to_address) AS receivers, sum(units) AS sent,
            min(block_timestamp) AS since, max(block_timestamp) AS until, groupArray(15)(transaction_hash) AS evidence
        FROM settled
        WHERE (from_address, token_address) IN (SELECT address, token_address FROM gathered)
        GROUP BY address, token_address
        HAVING length(receivers) BETWEEN {min_receivers:UInt64} AND {max_parties:UInt64} AND until - since <= {window_seconds:UInt64}
    ),
    middle AS
    (
        SELECT from_address AS address, token_address, median(toUnixTimestamp(block_timestamp)) AS sent_at
        FROM settled
        WHERE (from_address, token_address) IN (SELECT address, token_address FROM scattered)
        GROUP BY address, token_address
    ),
    before AS
    (
        -- Most of it had come in when half of the payments were made: first gathered, then scattered.
        SELECT m.to_address AS address, m.token_address AS token_address, sumIf(units, toUnixTimestamp(block_timestamp) <= sent_at) / sum(units) AS share
        FROM settled AS m
        INNER JOIN middle ON middle.address = m.to_address AND middle.token_address = m.token_address
        GROUP BY address, token_address
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
INNER JOIN scattered AS s ON s.address = g.address AND s.token_address = g.token_address
INNER JOIN before ON before.address = g.address AND before.token_address = g.token_address
WHERE sent >= {min_share:Float64} * received AND sent <= received * 1.000001 AND before.share >= 0.5
    AND s.since >= g.since AND s.until <= g.until + {window_seconds:UInt64}
    AND length(arrayIntersect(givers, receivers)) <= 0.2 * length(receivers)
