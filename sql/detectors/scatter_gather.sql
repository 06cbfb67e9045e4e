-- Money that leaves one wallet over many in between and meets again at another: scatter-gather.
--
-- method: Altman et al. (2023), Realistic synthetic financial transactions for AML, scatter-gather
-- grain: address and role
--
-- In between may stand several wallets one after the other (sql/workings/relay_paths.sql), and a sum may go in parts.
WITH
    ways AS
    (
        SELECT
            origin AS giver, destination AS receiver, token_address, hops[1] AS first_hop, min(what) AS asset, argMin(hops, length(hops)) AS way,
            max(put_in) AS got, argMin(came_out, length(hops)) AS gave, min(since) AS first_at, argMin(until, length(hops)) AS last_at,
            argMin(evidence, length(hops)) AS transactions
        FROM relay_paths
        WHERE origin != destination AND came_out >= {min_share:Float64} * put_in
            AND origin NOT IN (SELECT address FROM known_parties WHERE is_service)
            AND destination NOT IN (SELECT address FROM known_parties WHERE is_service)
        GROUP BY giver, receiver, token_address, first_hop
    ),
    found AS
    (
        SELECT
            giver, receiver, token_address, min(asset) AS what, arrayDistinct(arrayFlatten(groupArray(way))) AS hops, count() AS branches,
            sum(got) AS received, sum(gave) AS sent, min(first_at) AS since, max(last_at) AS until,
            arraySlice(arrayDistinct(arrayFlatten(groupArray(transactions))), 1, 30) AS evidence
        FROM ways
        GROUP BY giver, receiver, token_address
        HAVING branches >= {min_between:UInt64} AND until - since <= {window_seconds:UInt64}
    ),
    -- An exchange's collecting wallet gets from many such wallets, whoever paid into them.
    gathering AS
    (
        SELECT to_address AS address, token_address, uniqExact(from_address) AS givers
        FROM moves
        WHERE (to_address, token_address) IN (SELECT receiver, token_address FROM found)
        GROUP BY address, token_address
    )
SELECT
    part.1 AS address,
    part.2 AS role,
    1 - 1 / branches AS strength,
    concat(
        toString(round(received, 4)), ' ', what, ' went from 0x', lower(hex(giver)), ' over ', toString(length(hops)),
        ' wallets to 0x', lower(hex(receiver)), ' within ', toString(round((until - since) / 3600, 1)), ' hours, ',
        toString(round(100 * sent / received, 1)), ' % of it arriving.'
    ) AS sentence,
    evidence
FROM found
INNER JOIN gathering ON gathering.address = found.receiver AND gathering.token_address = found.token_address
ARRAY JOIN arrayConcat([(giver, 'actor'), (receiver, 'collector')], arrayMap(a -> (a, 'hop'), hops)) AS part
WHERE branches >= {min_part:Float64} * givers
