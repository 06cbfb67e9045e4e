-- Transactions that pay out more than they spend, or leave another fee than the node states; must return no row.
--
-- Sums are taken in 128 bits: a node that lies about amounts must not be able to make them wrap around.
WITH
    spent AS (
        SELECT
            block_number,
            transaction_index,
            sum(toInt128(ifNull(value, 0))) AS amount,
            countIf(resolution = 'unresolved') AS unresolved
        FROM staged_bitcoin_inputs
        GROUP BY block_number, transaction_index
    ),
    paid AS (
        SELECT block_number, transaction_index, sum(toInt128(value)) AS amount
        FROM staged_bitcoin_outputs
        GROUP BY block_number, transaction_index
    ),
    stated AS (
        SELECT height AS block_number, position - 1 AS transaction_index, bitcoinToSatoshi(transaction.fee) AS fee
        FROM staged_bitcoin_blocks
        ARRAY JOIN tx AS transaction, arrayEnumerate(tx) AS position
    )
SELECT
    spent.block_number AS block_number,
    concat('tx[', toString(spent.transaction_index), '].fee') AS field,
    if(isNull(stated.fee), 'not negative', toString(stated.fee)) AS stated,
    toString(spent.amount - paid.amount) AS computed
FROM spent
INNER JOIN paid ON paid.block_number = spent.block_number AND paid.transaction_index = spent.transaction_index
INNER JOIN stated ON stated.block_number = spent.block_number AND stated.transaction_index = spent.transaction_index
WHERE spent.transaction_index > 0
    AND spent.unresolved = 0
    AND (spent.amount < paid.amount OR spent.amount > 2100000000000000 OR ifNull(stated.fee != spent.amount - paid.amount, 0))
ORDER BY spent.block_number, spent.transaction_index
LIMIT 1
