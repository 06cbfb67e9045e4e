-- One wallet, fed by one or two others, that spreads all it has over many fresh wallets within a short time: scattering.
--
-- method: Altman et al. (2023), Realistic synthetic financial transactions for AML, fan-out
-- grain: address and role
WITH
    busy AS
    (
        SELECT from_address, token_address
        FROM settled
        WHERE from_address NOT IN (SELECT address FROM infrastructure)
        GROUP BY from_address, token_address
        HAVING uniqExact(to_address) >= {min_receivers:UInt64}
    ),
    -- Who an address got its first money of this kind from.
    first_paid AS
    (
        SELECT to_address AS address, token_address, argMin(from_address, (block_number, transaction_index, position)) AS giver
        FROM settled
        WHERE to_address NOT IN (SELECT address FROM infrastructure)
        GROUP BY address, token_address
    ),
    fed AS
    (
        SELECT to_address AS address, token_address, sum(units) AS received, uniqExact(from_address) AS feeders
        FROM settled
        WHERE (to_address, token_address) IN (SELECT from_address, token_address FROM busy)
        GROUP BY address, token_address
        HAVING feeders <= {max_feeders:UInt64}
    ),
    scattered AS
    (
        SELECT
            m.from_address AS address, m.token_address AS token_address, min(m.asset) AS asset, uniqExact(m.to_address) AS receivers,
            uniqExactIf(m.to_address, f.giver = m.from_address) AS fresh, sum(m.units) AS sent,
            min(m.block_timestamp) AS since, max(m.block_timestamp) AS until, groupArray(30)(m.transaction_hash) AS evidence
        FROM settled AS m
        LEFT JOIN first_paid AS f ON f.address = m.to_address AND f.token_address = m.token_address
        WHERE (m.from_address, m.token_address) IN (SELECT from_address, token_address FROM busy)
        GROUP BY address, token_address
    )
SELECT
    scattered.address AS address,
    'actor' AS role,
    (fresh / receivers) * (1 - 1 / receivers) AS strength,
    concat(
        'Spread ', toString(round(sent, 4)), ' ', asset, ' that came from ', toString(feeders), ' givers over ', toString(receivers),
        ' wallets within ', toString(round((until - since) / 3600, 1)), ' hours; for ', toString(fresh), ' it was their first money.'
    ) AS sentence,
    evidence
FROM scattered
INNER JOIN fed ON fed.address = scattered.address AND fed.token_address = scattered.token_address
WHERE fresh >= {min_receivers:UInt64} AND fresh >= {min_fresh:Float64} * receivers
    AND sent >= {min_share:Float64} * received AND until - since <= {window_seconds:UInt64}
