-- Coinbase transactions that pay out more than the subsidy and the fees of their block; must return no row.
--
-- Blocks with an unresolved input are left out: their fees are not known.
WITH
    spent AS (
        SELECT block_number, sum(toInt128(ifNull(value, 0))) AS amount, countIf(resolution = 'unresolved') AS unresolved
        FROM staged_bitcoin_inputs
        GROUP BY block_number
    ),
    paid AS (
        SELECT
            block_number,
            sumIf(toInt128(value), transaction_index = 0) AS reward,
            sumIf(toInt128(value), transaction_index > 0) AS amount
        FROM staged_bitcoin_outputs
        GROUP BY block_number
    )
SELECT
    spent.block_number AS block_number,
    'tx[0].vout' AS field,
    toString(paid.reward) AS stated,
    concat('at most ', toString(subsidy + spent.amount - paid.amount)) AS computed,
    if(
        intDiv(spent.block_number, {halving_interval:UInt64}) > 63,
        toInt128(0),
        toInt128(bitShiftRight(toUInt64(5000000000), intDiv(spent.block_number, {halving_interval:UInt64})))
    ) AS subsidy
FROM spent
INNER JOIN paid ON paid.block_number = spent.block_number
WHERE spent.unresolved = 0 AND paid.reward > subsidy + spent.amount - paid.amount
ORDER BY block_number
LIMIT 1
