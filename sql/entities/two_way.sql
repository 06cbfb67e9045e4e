-- Two wallets that pay each other, in both directions and more than once.
--
-- grain: pair
WITH paid AS
(
    SELECT from_address, to_address, count() AS payments, groupArray(3)(transaction_hash) AS seen
    FROM moves
    WHERE from_address NOT IN (SELECT address FROM entity_carriers) AND to_address NOT IN (SELECT address FROM entity_carriers)
    GROUP BY from_address, to_address
)
SELECT
    there.from_address AS left_address,
    there.to_address AS right_address,
    toFixedString('', 20) AS via_address,
    1 - 1 / least(there.payments, back.payments) / 2 AS strength,
    concat(
        'They paid each other: ', toString(there.payments), ' times there and ', toString(back.payments), ' times back.'
    ) AS sentence,
    arrayConcat(there.seen, back.seen) AS evidence
FROM paid AS there
INNER JOIN paid AS back ON back.from_address = there.to_address AND back.to_address = there.from_address
WHERE there.from_address < there.to_address AND there.payments + back.payments >= {min_payments:UInt64}
