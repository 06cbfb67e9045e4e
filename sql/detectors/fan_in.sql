-- Many wallets that pay one within a short time, and the one passes it all to one or two others: gathering.
--
-- method: Altman et al. (2023), Realistic synthetic financial transactions for AML, fan-in
-- grain: address and role
WITH
    busy AS
    (
        SELECT to_address, token_address
        FROM settled
        WHERE to_address NOT IN (SELECT address FROM infrastructure) AND from_address NOT IN (SELECT address FROM infrastructure)
        GROUP BY to_address, token_address
        HAVING uniqExact(from_address) >= {min_givers:UInt64}
    ),
    gathered AS
    (
        SELECT
            to_address AS address, token_address, min(asset) AS asset, uniqExact(from_address) AS givers, sum(units) AS received,
            count() AS receipts, min(block_timestamp) AS since, max(block_timestamp) AS until, groupArray(25)(transaction_hash) AS evidence
        FROM settled
        WHERE (to_address, token_address) IN (SELECT to_address, token_address FROM busy)
            AND from_address NOT IN (SELECT address FROM infrastructure)
        GROUP BY address, token_address
        HAVING givers >= {min_givers:UInt64} AND until - since <= {window_seconds:UInt64} AND receipts <= {max_receipts_each:UInt64} * givers
    ),
    passed AS
    (
        SELECT
            from_address AS address, token_address, sum(units) AS sent, uniqExact(to_address) AS receivers,
            max(block_timestamp) AS last_sent, groupArray(5)(transaction_hash) AS evidence
        FROM settled
        WHERE (from_address, token_address) IN (SELECT to_address, token_address FROM busy)
        GROUP BY address, token_address
    )
SELECT
    gathered.address AS address,
    'collector' AS role,
    least(1, sent / received) * (1 - 1 / givers) AS strength,
    concat(
        'Gathered ', toString(round(received, 4)), ' ', asset, ' from ', toString(givers), ' wallets within ',
        toString(round((until - since) / 3600, 1)), ' hours and passed ', toString(round(100 * least(1, sent / received), 1)), ' % on to ',
        toString(receivers), ' receivers.'
    ) AS sentence,
    arrayConcat(gathered.evidence, passed.evidence) AS evidence
FROM gathered
INNER JOIN passed ON passed.address = gathered.address AND passed.token_address = gathered.token_address
WHERE sent >= {min_share:Float64} * received AND receivers <= {max_receivers:UInt64}
    AND last_sent <= until + {window_seconds:UInt64} AND last_sent >= since
