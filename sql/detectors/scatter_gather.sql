-- Money that leaves one wallet over many in between and meets again at another: scatter-gather.
--
-- method: Altman et al. (2023), Realistic synthetic financial transactions for AML, scatter-gather
-- grain: address and role
WITH
    -- Wallets with one giver and one receiver that matter.
    between_in AS
    (
        SELECT
            to_address AS address, token_address, min(asset) AS asset, sum(units) AS got, argMax(from_address, (units, from_address)) AS giver,
            min(block_timestamp) AS first_received, groupArray(2)(transaction_hash) AS evidence
        FROM moves
        WHERE to_address NOT IN (SELECT address FROM infrastructure)
        GROUP BY address, token_address
        HAVING count() <= {max_transfers:UInt64} AND uniqExact(from_address) = 1
    ),
    between_out AS
    (
        SELECT
            from_address AS address, token_address, sum(units) AS gave, argMax(to_address, (units, to_address)) AS receiver,
            max(block_timestamp) AS last_sent, groupArray(2)(transaction_hash) AS evidence
        FROM moves
        WHERE from_address NOT IN (SELECT address FROM infrastructure)
        GROUP BY address, token_address
        HAVING count() <= {max_transfers:UInt64} AND uniqExact(to_address) = 1
    ),
    -- An exchange's collecting wallet gets from many such wallets, whoever paid into them.
    gathering AS
    (
        SELECT to_address AS address, token_address, uniqExact(from_address) AS givers
        FROM moves
        WHERE (to_address, token_address) IN (SELECT receiver, token_address FROM between_out)
        GROUP BY address, token_address
    ),
    found AS
    (
        SELECT
            giver, receiver, i.token_address AS token_address, min(i.asset) AS asset, groupUniqArray(i.address) AS hops,
            sum(got) AS received, sum(gave) AS sent, min(first_received) AS since, max(last_sent) AS until,
            arraySlice(arrayConcat(groupArrayArray(i.evidence), groupArrayArray(o.evidence)), 1, 30) AS evidence
        FROM between_in AS i
        INNER JOIN between_out AS o ON o.address = i.address AND o.token_address = i.token_address
        WHERE gave >= {min_share:Float64} * got AND gave <= got * 1.000001 AND first_received <= last_sent
            AND giver != receiver
            AND giver NOT IN (SELECT address FROM known_parties WHERE is_service)
            AND receiver NOT IN (SELECT address FROM known_parties WHERE is_service)
        GROUP BY giver, receiver, token_address
        HAVING length(hops) >= {min_between:UInt64} AND until - since <= {window_seconds:UInt64}
    )
SELECT
    part.1 AS address,
    part.2 AS role,
    1 - 1 / length(hops) AS strength,
    concat(
        toString(round(received, 4)), ' ', asset, ' went from 0x', lower(hex(giver)), ' over ', toString(length(hops)),
        ' wallets to 0x', lower(hex(receiver)), ' within ', toString(round((until - since) / 3600, 1)), ' hours, ',
        toString(round(100 * sent / received, 1)), ' % of it arriving.'
    ) AS sentence,
    evidence
FROM found
INNER JOIN gathering ON gathering.address = found.receiver AND gathering.token_address = found.token_address
ARRAY JOIN arrayConcat([(giver, 'actor'), (receiver, 'collector')], arrayMap(a -> (a, 'hop'), hops)) AS part
WHERE length(hops) >= {min_part:Float64} * givers
