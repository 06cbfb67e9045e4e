-- Addresses that deal with a labelled darknet market, themselves or through wallets that only pass the money on.
--
-- method: FATF (2020), Virtual assets red flag indicators, source of funds: darknet marketplaces
-- grain: address and role
WITH
    markets AS (SELECT address FROM known_parties WHERE category = 'darknet'),
    dealings AS
    (
        SELECT from_address AS address, 'depositor' AS role, asset, units, 0 AS between_count, [transaction_hash] AS transactions
        FROM moves
        WHERE to_address IN (SELECT address FROM markets)

        UNION ALL

        SELECT to_address, 'recipient', asset, units, 0, [transaction_hash]
        FROM moves
        WHERE from_address IN (SELECT address FROM markets)

        UNION ALL

        SELECT origin, 'depositor', what, came_out, length(hops), evidence
        FROM relay_paths
        WHERE destination IN (SELECT address FROM markets)

        UNION ALL

        SELECT destination, 'recipient', what, came_out, length(hops), evidence
        FROM relay_paths
        WHERE origin IN (SELECT address FROM markets)
    ),
    summed AS
    (
        SELECT
            address, role, asset, sum(units) AS total, count() AS dealt, min(between_count) AS nearest,
            arraySlice(arrayDistinct(arrayFlatten(groupArray(transactions))), 1, 30) AS evidence
        FROM dealings
        WHERE address NOT IN (SELECT address FROM infrastructure)
        GROUP BY address, role, asset
        HAVING dealt >= {min_dealings:UInt64}
    )
SELECT
    address,
    role,
    (1 - 1 / (1 + dealt)) / (1 + nearest) AS strength,
    concat(
        if(role = 'depositor', 'Paid ', 'Was paid '), toString(round(total, 4)), ' ', asset, if(role = 'depositor', ' to', ' by'),
        ' a darknet market in ', toString(dealt), ' dealings, ', if(nearest = 0, 'directly.', 'over ' || toString(nearest) || ' wallets that only passed it on.')
    ) AS sentence,
    evidence
FROM summed
