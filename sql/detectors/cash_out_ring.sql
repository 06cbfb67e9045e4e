-- Wallets that one paymaster fed and that all pass it to exchanges within days: cash-out rings.
--
-- method: FATF (2020), red flag indicators, senders or recipients: money mules; Chainalysis (2024), cash-out points
-- grain: address and role
--
-- Between the paymaster and the exchange a mule may use wallets of its own. Who pays many more than those who cash out is an
-- employer or a mining pool, and is left out.
WITH
    paths AS
    (
        SELECT
            origin, token_address, hops[1] AS mule, min(what) AS asset, max(put_in) AS got, argMin(hops, length(hops)) AS way,
            argMin(destination, length(hops)) AS door, min(since) AS since, argMin(until, length(hops)) AS until,
            argMin(evidence, length(hops)) AS transactions
        FROM relay_paths
        WHERE destination IN (SELECT address FROM exchange_doors)
            AND hops[1] NOT IN (SELECT address FROM exchange_doors)
            AND origin NOT IN (SELECT address FROM infrastructure)
            AND origin NOT IN (SELECT address FROM exchange_doors)
            AND came_out >= {min_share:Float64} * put_in
        GROUP BY origin, token_address, mule
    ),
    fed AS
    (
        SELECT from_address AS origin, token_address, uniqExact(to_address) AS receivers, sum(total) AS paid
        FROM legs
        WHERE from_address IN (SELECT origin FROM paths)
        GROUP BY origin, token_address
    ),
    rings AS
    (
        SELECT
            origin, token_address, min(asset) AS what, count() AS mules, uniqExact(door) AS doors, sum(got) AS total, min(since) AS first_at,
            max(until) AS last_at, groupArray(way) AS ways, arraySlice(arrayFlatten(groupArray(transactions)), 1, 30) AS evidence
        FROM paths
        GROUP BY origin, token_address
        HAVING mules >= {min_mules:UInt64} AND last_at - first_at <= {window_seconds:UInt64}
    )
SELECT
    part.1 AS address,
    part.2 AS role,
    (1 - 1 / mules) * (mules / receivers) AS strength,
    concat(
        multiIf(role = 'actor', 'Fed', role = 'mule', 'Is one of', 'Carried for one of'), ' ', toString(mules), ' wallets that took ',
        toString(round(total, 4)), ' ', what, ' from 0x', lower(hex(origin)), ' and passed it to ', toString(doors), ' deposit addresses of exchanges within ',
        toString(round((last_at - first_at) / 3600, 1)), ' hours.'
    ) AS sentence,
    evidence
FROM rings
INNER JOIN fed ON fed.origin = rings.origin AND fed.token_address = rings.token_address
ARRAY JOIN arrayConcat(
    [(rings.origin, 'actor')],
    arrayMap(way -> (way[1], 'mule'), ways),
    arrayMap(a -> (a, 'hop'), arrayFlatten(arrayMap(way -> arrayPopFront(way), ways)))) AS part
WHERE mules >= {min_cashing_share:Float64} * receivers
    AND part.1 NOT IN (SELECT address FROM exchange_doors)
