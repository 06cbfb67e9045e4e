-- Addresses that pay into or are paid out of a labelled mixer themselves.
--
-- method: FATF (2020), Virtual assets red flag indicators, anonymity
-- grain: address and role
WITH
    mixers AS (SELECT address FROM known_parties WHERE category = 'mixer'),
    uses AS
    (
        SELECT from_address AS address, 'depositor' AS role, asset, units, transaction_hash
        FROM moves
        WHERE to_address IN (SELECT address FROM mixers)

        UNION ALL

        SELECT to_address AS address, 'recipient' AS role, asset, units, transaction_hash
        FROM moves
        WHERE from_address IN (SELECT address FROM mixers)
    )
SELECT
    address,
    role,
    1 - 1 / (1 + uniqExact(transaction_hash)) AS strength,
    concat(
        if(role = 'depositor', 'Paid ', 'Was paid '), toString(round(sum(units), 4)), ' ', min(asset),
        if(role = 'depositor', ' into', ' out of'), ' a mixer in ', toString(uniqExact(transaction_hash)), ' transactions.'
    ) AS sentence,
    groupUniqArray(30)(transaction_hash) AS evidence
FROM uses
WHERE address NOT IN (SELECT address FROM infrastructure)
GROUP BY address, role, asset
HAVING uniqExact(transaction_hash) >= {min_transactions:UInt64}
