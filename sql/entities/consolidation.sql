-- Wallets that hand nearly all they ever got of a coin or token to one collector, as several others do.
--
-- grain: wallet and collector
WITH
    gave AS
    (
        SELECT from_address AS wallet, to_address AS collector, token_address, sum(units) AS total, groupArray(3)(transaction_hash) AS seen
        FROM moves
        WHERE from_address NOT IN (SELECT address FROM entity_carriers) AND to_address NOT IN (SELECT address FROM entity_carriers)
        GROUP BY wallet, collector, token_address
    ),
    got AS
    (
        SELECT to_address AS wallet, token_address, sum(units) AS total
        FROM moves
        WHERE to_address NOT IN (SELECT address FROM entity_carriers)
        GROUP BY wallet, token_address
    ),
    handed AS
    (
        SELECT
            gave.wallet AS wallet, gave.collector AS collector, max(least(1, gave.total / got.total)) AS share,
            arrayFlatten(groupArray(2)(gave.seen)) AS seen
        FROM gave
        INNER JOIN got ON got.wallet = gave.wallet AND got.token_address = gave.token_address
        WHERE gave.total >= {min_share:Float64} * got.total
        GROUP BY wallet, collector
    )
SELECT
    if(wallet < collector, wallet, collector) AS left_address,
    if(wallet < collector, collector, wallet) AS right_address,
    toFixedString('', 20) AS via_address,
    share * (1 - 1 / (1 + giver_count)) AS strength,
    concat(
        '0x', lower(hex(wallet)), ' handed ', toString(round(100 * share, 1)), ' % of what it got to 0x', lower(hex(collector)),
        ', as ', toString(giver_count - 1), ' other wallets did.'
    ) AS sentence,
    seen AS evidence
FROM (SELECT *, count() OVER (PARTITION BY collector) AS giver_count FROM handed)
WHERE giver_count >= 2 AND giver_count <= {max_wallets:UInt64}
