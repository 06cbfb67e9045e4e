-- Money that comes from one bridge and soon leaves over another, again and again or through wallets made for it: chain hopping.
--
-- method: FATF (2021), Updated guidance for a risk-based approach to virtual assets, chain hopping; Elliptic (2023), cross-chain crime
-- grain: address and role
--
-- To use a bridge is ordinary. What counts is in and out again within a day, several times, or over wallets that do nothing else.
WITH
    bridges AS (SELECT address FROM known_parties WHERE category = 'bridge'),
    crossings AS
    (
        SELECT
            to_address AS address, token_address, asset, from_address AS bridge, units, toUnixTimestamp(block_timestamp) AS at, transaction_hash,
            1 AS is_arrival
        FROM moves
        WHERE from_address IN (SELECT address FROM bridges) AND to_address NOT IN (SELECT address FROM infrastructure)

        UNION ALL

        SELECT from_address, token_address, asset, to_address, units, toUnixTimestamp(block_timestamp), transaction_hash, 0
        FROM moves
        WHERE to_address IN (SELECT address FROM bridges) AND from_address NOT IN (SELECT address FROM infrastructure)

        UNION ALL

        -- Through a wallet or two that only pass it on.
        SELECT destination, token_address, what, origin, came_out, until, evidence[-1], 1
        FROM relay_paths
        WHERE origin IN (SELECT address FROM bridges) AND destination NOT IN (SELECT address FROM infrastructure)
            AND length(hops) <= 2

        UNION ALL

        SELECT origin, token_address, what, destination, came_out, since, evidence[-1], 0
        FROM relay_paths
        WHERE destination IN (SELECT address FROM bridges) AND origin NOT IN (SELECT address FROM infrastructure)
            AND length(hops) <= 2
    ),
    turns AS
    (
        SELECT
            *,
            is_arrival AND NOT lagInFrame(is_arrival, 1, 1) OVER (
                PARTITION BY address, token_address ORDER BY at, is_arrival DESC ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
            ) AS is_new
        FROM crossings
    ),
    numbered AS
    (
        SELECT
            *,
            sum(is_new) OVER (
                PARTITION BY address, token_address ORDER BY at, is_arrival DESC ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
            ) AS turn
        FROM turns
    ),
    -- A pass is what came, in however many parts, and what then left before more came.
    passes AS
    (
        SELECT
            address, any(asset) AS what, sumIf(units, is_arrival) AS got, sumIf(units, NOT is_arrival) AS gave,
            maxIf(at, NOT is_arrival) - minIf(at, is_arrival) AS delay, groupUniqArray(bridge) AS over, groupArray(6)(transaction_hash) AS transactions
        FROM numbered
        GROUP BY address, token_address, turn
        HAVING countIf(is_arrival) > 0 AND gave BETWEEN {min_share:Float64} * got AND 1.2 * got AND delay <= {window_seconds:UInt64}
    ),
    repeated AS
    (
        SELECT
            address, count() AS hops, sum(gave) AS total, any(what) AS asset, max(delay) AS slowest, length(arrayDistinct(arrayFlatten(groupArray(over)))) AS bridge_count,
            arraySlice(arrayDistinct(arrayFlatten(groupArray(transactions))), 1, 30) AS evidence
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
    evidence
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
