-- One wallet, fed by one or two others, that spreads all it has over many fresh wallets within a short time: scattering.
--
-- method: Altman et al. (2023), Realistic synthetic financial transactions for AML, fan-out
-- grain: address and role
--
-- Windows of {window_seconds} are looked at, one beginning every quarter of it. Trifles, a hundredth or less, make neither another feeder nor
-- a wallet that had the token before; which coins one began with stands in sql/workings/first_funding.sql.
WITH
    busy AS
    (
        SELECT from_address, token_address
        FROM settled
        WHERE from_address NOT IN (SELECT address FROM infrastructure)
        GROUP BY from_address, token_address
        HAVING uniqExact(to_address) >= {min_receivers:UInt64}
    ),
    fed AS
    (
        SELECT
            address, token_address, sum(given) AS received,
            arraySum(arraySlice(arrayReverseSort(groupArray(given)), 1, {max_feeders:UInt64})) AS fed_mainly
        FROM
        (
            SELECT to_address AS address, token_address, from_address, sum(units) AS given
            FROM settled
            WHERE (to_address, token_address) IN (SELECT from_address, token_address FROM busy)
            GROUP BY address, token_address, from_address
        )
        GROUP BY address, token_address
        HAVING fed_mainly >= 0.99 * received
    ),
    payments AS
    (
        SELECT from_address AS address, token_address, asset, to_address, units, transaction_hash, block_number,
            toUnixTimestamp(block_timestamp) AS at, transaction_index, position
        FROM settled
        WHERE (from_address, token_address) IN (SELECT address, token_address FROM fed)
    ),
    -- Since when a wallet had a token.
    holding AS
    (
        SELECT to_address AS wallet, token_address, min(block_number) AS got_block
        FROM
        (
            SELECT to_address, token_address, block_number, units, max(units) OVER (PARTITION BY to_address, token_address) AS largest
            FROM settled
            WHERE token_address != unhex(repeat('00', 20)) AND (to_address, token_address) IN (SELECT to_address, token_address FROM payments)
                AND to_address NOT IN (SELECT address FROM infrastructure)
        )
        WHERE units > 0.01 * largest
        GROUP BY wallet, token_address
    ),
    judged AS
    (
        -- Coins are the first that it got; a token is, before it had coins from anybody else.
        SELECT
            p.address AS address, p.token_address AS token_address, p.asset AS asset, p.to_address AS to_address, p.units AS units,
            p.transaction_hash AS transaction_hash, p.at AS at,
            if(
                p.token_address = unhex(repeat('00', 20)),
                (p.block_number, p.transaction_index, p.position) = (f.block_number, f.transaction_index, f.position) AND f.since_block = f.block_number,
                p.block_number <= h.got_block AND (f.funder = p.address OR f.since_block = 0 OR p.block_number <= f.since_block)
            ) AS is_fresh
        FROM payments AS p
        LEFT JOIN first_funding AS f ON f.wallet = p.to_address
        LEFT JOIN holding AS h ON h.wallet = p.to_address AND h.token_address = p.token_address
    ),
    scattered AS
    (
        SELECT
            m.address AS address, m.token_address AS token_address, intDiv(m.at * 4, {window_seconds:UInt64}) - arrayJoin([0, 1, 2, 3]) AS window_number,
            min(m.asset) AS asset, uniqExact(m.to_address) AS receivers, uniqExactIf(m.to_address, is_fresh) AS fresh,
            sum(m.units) AS sent, min(m.at) AS since, max(m.at) AS until, groupArray(30)(m.transaction_hash) AS evidence
        FROM judged AS m
        GROUP BY address, token_address, window_number
        HAVING fresh >= {min_receivers:UInt64} AND fresh >= {min_fresh:Float64} * receivers
    )
SELECT
    scattered.address AS address,
    'actor' AS role,
    (fresh / receivers) * (1 - 1 / receivers) AS strength,
    concat(
        'Spread ', toString(round(sent, 4)), ' ', asset, ' that came from at most ', toString({max_feeders:UInt64}), ' givers over ', toString(receivers),
        ' wallets within ', toString(round((until - since) / 3600, 1)), ' hours; for ', toString(fresh), ' it was their first money.'
    ) AS sentence,
    evidence
FROM scattered
INNER JOIN fed ON fed.address = scattered.address AND fed.token_address = scattered.token_address
WHERE sent >= {min_share:Float64} * received
