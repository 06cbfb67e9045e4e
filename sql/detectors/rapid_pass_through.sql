-- Addresses that send almost everything on within minutes of receiving it, again and again: layering.
--
-- method: FATF (2020), red flag indicators, transaction patterns; Suzumura and Kanezashi (2021), AMLSim
-- grain: address and role
WITH
    -- An address that many relay to is a service's collecting wallet, and those that feed it are its deposit addresses.
    collecting AS
    (
        SELECT to_address FROM settled GROUP BY to_address HAVING uniqExact(from_address) >= {collecting_givers:UInt64}
    ),
    candidates AS
    (
        SELECT from_address, token_address
        FROM settled
        WHERE from_address NOT IN (SELECT address FROM infrastructure)
        GROUP BY from_address, token_address
        HAVING count() >= {min_passes:UInt64}
    ),
    receipts AS
    (
        SELECT to_address AS address, token_address, units, block_number, transaction_index, block_timestamp, from_address AS giver
        FROM settled
        WHERE (to_address, token_address) IN (SELECT from_address, token_address FROM candidates)
    ),
    payments AS
    (
        SELECT
            from_address AS address, token_address, units, asset, block_number, transaction_index, block_timestamp, transaction_hash,
            block_number * 1000000 + transaction_index AS moment, to_address AS receiver
        FROM settled
        WHERE (from_address, token_address) IN (SELECT from_address, token_address FROM candidates)
            AND to_address NOT IN (SELECT to_address FROM collecting)
            AND to_address NOT IN (SELECT address FROM infrastructure)
    ),
    passes AS
    (
        SELECT p.*, r.units AS received, r.giver AS giver, dateDiff('second', r.block_timestamp, p.block_timestamp) AS delay
        FROM payments AS p
        ASOF INNER JOIN (SELECT *, block_number * 1000000 + transaction_index AS moment FROM receipts) AS r
            ON r.address = p.address AND r.token_address = p.token_address AND r.moment < p.moment
        WHERE p.units >= {min_share:Float64} * r.units AND p.units <= r.units * 1.000001
            AND delay <= {window_seconds:UInt64} AND p.receiver != r.giver
    ),
    totals AS (SELECT address, token_address, sum(units) AS received FROM receipts GROUP BY address, token_address)
SELECT
    passes.address AS address,
    'hop' AS role,
    least(1, sum(passes.units) / min(totals.received)) * (1 - 1 / count()) AS strength,
    concat(
        'Passed on ', toString(round(sum(passes.units), 4)), ' ', min(passes.asset), ' in ', toString(count()), ' transfers, half of them within ',
        toString(round(median(passes.delay) / 60, 1)), ' minutes of the receipt: ',
        toString(round(100 * least(1, sum(passes.units) / min(totals.received)), 1)), ' % of all it received.'
    ) AS sentence,
    groupUniqArray(30)(passes.transaction_hash) AS evidence
FROM passes
INNER JOIN totals ON totals.address = passes.address AND totals.token_address = passes.token_address
GROUP BY passes.address, passes.token_address
HAVING count() >= {min_passes:UInt64} AND sum(passes.units) >= {min_share:Float64} * min(totals.received)
