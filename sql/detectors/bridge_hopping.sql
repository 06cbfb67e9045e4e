-- Money that comes from one bridge and soon leaves over another, again and again or through wallets made for it: chain hopping.
--
-- method: FATF (2021), Updated guidance for a risk-based approach to virtual assets, chain hopping; Elliptic (2023), cross-chain crime
-- grain: address and role
--
-- To use a bridge is ordinary. What counts is in and out again within a day, several times, or over wallets that do nothing else.
WITH
    bridges AS (SELECT address FROM known_parties WHERE category = 'bridge'),
    arrivals AS
    (
        SELECT to_address AS address, token_address, from_address AS bridge, units, toUnixTimestamp(block_timestamp) AS at, transaction_hash
        FROM moves
        WHERE from_address IN (SELECT address FROM bridges) AND to_address NOT IN (SELECT address FROM infrastructure)

        UNION ALL

        -- Through a wallet or two that only pass it on.
        SELECT destination, token_address, origin, came_out, until, evidence[-1]
        FROM relay_paths
        WHERE origin IN (SELECT address FROM bridges) AND destination NOT IN (SELECT address FROM infrastructure)
            AND length(hops) <= 2
    ),
    departures AS
    (
        SELECT from_address AS address, token_address, asset, to_address AS bridge, units, toUnixTimestamp(block_timestamp) AS at, transaction_hash
        FROM moves
        WHERE to_address IN (SELECT address FROM bridges) AND from_address NOT IN (SELECT address FROM infrastructure)

        UNION ALL

        SELECT origin, token_address, what, destination, came_out, until, evidence[-1]
        FROM relay_paths
        WHERE destination IN (SELECT address FROM bridges) AND origin NOT IN (SELECT address FROM infrastructure)
            AND length(hops) <= 2
    ),
    passes AS
    (
        SELECT
            a.address AS address, any(d.asset) AS what, any(a.units) AS got, sum(d.units) AS gave, min(d.at) - any(a.at) AS delay, any(a.bridge) AS came_over,
            groupUniqArray(d.bridge) AS left_over, any(a.transaction_hash) AS came_in, groupArray(3)(d.transaction_hash) AS went_out
        FROM departures AS d
        ASOF INNER JOIN arrivals AS a ON a.address = d.address AND a.token_address = d.token_address AND a.at <= d.at
        WHERE d.at <= a.at + {window_seconds:UInt64}
        GROUP BY address, a.transaction_hash
        HAVING gave BETWEEN {min_share:Float64} * got AND 1.2 * got
    ),
    repeated AS
    (
        SELECT
            address, count() AS hops, sum(gave) AS total, any(what) AS asset, max(delay) AS slowest,
            length(arrayDistinct(arrayConcat(groupArray(came_over), groupArrayArray(left_over)))) AS bridge_count,
            arraySlice(arrayDistinct(arrayConcat(groupArray(came_in), groupArrayArray(went_out))), 1, 30) AS transactions
        FROM passes
        GROUP BY address
        HAVING hops >= {min_passes:UInt64}
    )
SELECT
    address,
    'actor' AS role,
    1 - 1 / (1 + hops) AS strength,
    concat(
        'Got money from one bridge and sent it into another ', toString(hops), ' times, ', toString(round(total, 4)), ' ', asset, ' over ',
        toString(bridge_count), ' bridges, within ', toString(round(slowest / 3600, 1)), ' hours each time.'
    ) AS sentence,
    transactions AS evidence
FROM repeated

UNION ALL

SELECT
    arrayJoin(hops) AS address,
    'hop' AS role,
    1 - 1 / (1 + length(hops)) AS strength,
    concat(
        'Is one of ', toString(length(hops)), ' wallets that only carried ', toString(round(put_in, 4)), ' ', what, ' from the bridge 0x',
        lower(hex(origin)), ' into the bridge 0x', lower(hex(destination)), ' within ', toString(round((until - since) / 3600, 1)), ' hours.'
    ) AS sentence,
    arraySlice(evidence, 1, 30) AS evidence
FROM relay_paths
WHERE origin IN (SELECT address FROM bridges) AND destination IN (SELECT address FROM bridges) AND origin != destination
    AND until - since <= {window_seconds:UInt64} * length(hops) AND came_out >= {min_share:Float64} * put_in
