-- Money that comes back to the wallet it left, over two to four others: round trips.
--
-- method: FATF (2020), red flag indicators, transaction patterns; Suzumura and Kanezashi (2021), AMLSim, cycles
-- grain: address and role
--
-- Each leg follows the one before it in time and carries most of it; a sum that is sent in parts is one leg.
WITH RECURSIVE
    -- Whoever does not both give and get a token is on no way round.
    turning AS
    (
        SELECT from_address AS address, token_address FROM legs
        WHERE (from_address, token_address) IN (SELECT to_address, token_address FROM legs)
        GROUP BY address, token_address
    ),
    usable AS
    (
        SELECT * FROM legs
        WHERE (from_address, token_address) IN (SELECT address, token_address FROM turning)
            AND (to_address, token_address) IN (SELECT address, token_address FROM turning)
    ),
    walks AS
    (
        SELECT
            from_address AS start, to_address AS reached, token_address, what, [from_address, to_address] AS wallets, total AS left_with,
            total AS carried, since, until AS last_until, until AS began_until, evidence
        FROM usable

        UNION ALL

        SELECT
            walks.start, u.to_address, walks.token_address, walks.what, arrayPushBack(walks.wallets, u.to_address), walks.left_with,
            u.total, walks.since, u.until, walks.began_until, arrayConcat(walks.evidence, u.evidence)
        FROM walks
        INNER JOIN usable AS u ON u.from_address = walks.reached AND u.token_address = walks.token_address
        WHERE walks.reached != walks.start AND length(walks.wallets) <= {max_wallets:UInt64}
            AND u.total BETWEEN {min_carried:Float64} * walks.carried AND 1.000001 * walks.carried
            AND u.total >= {min_returned:Float64} * walks.left_with
            AND u.until >= walks.last_until AND u.since BETWEEN walks.since AND walks.last_until + {leg_seconds:UInt64}
            AND (u.to_address = walks.start OR NOT has(walks.wallets, u.to_address))
    ),
    trips AS
    (
        SELECT start, token_address, what, arrayPopBack(wallets) AS wallets, left_with, carried, since, last_until, evidence
        FROM walks
        WHERE reached = start AND length(wallets) >= 4
        ORDER BY carried / left_with DESC, since
        LIMIT {max_trips:UInt64} BY start, token_address
    ),
    summed AS
    (
        SELECT
            start, token_address, min(what) AS asset, count() AS trips, sum(left_with) AS gave, sum(carried) AS got,
            arrayDistinct(arrayFlatten(groupArray(wallets))) AS members, min(since) AS first_at, max(last_until) AS last_at,
            arraySlice(arrayDistinct(arrayFlatten(groupArray(evidence))), 1, 30) AS transactions
        FROM trips
        GROUP BY start, token_address
    )
SELECT
    part.1 AS address,
    part.2 AS role,
    (got / gave) * (1 - 1 / (1 + trips)) AS strength,
    concat(
        if(role = 'actor', 'Sent ', 'Carried for 0x' || lower(hex(start)) || ' '), toString(round(gave, 4)), ' ', asset, ' round over ',
        toString(length(members) - 1), ' other wallets in ', toString(trips), if(trips = 1, ' trip; ', ' trips; '), toString(round(100 * got / gave, 1)), ' % of it came back within ',
        toString(round((last_at - first_at) / 3600, 1)), ' hours.'
    ) AS sentence,
    transactions AS evidence
FROM summed
ARRAY JOIN arrayMap(a -> (a, if(a = start, 'actor', 'hop')), members) AS part
