-- Transactions whose fee was not known when they were read, and whose inputs are all resolved by now.
INSERT INTO bitcoin_transactions
SELECT
    transaction.* REPLACE (
        toNullable(spent.amount) AS input_value,
        toNullable(spent.amount - transaction.output_value) AS fee,
        {version:UInt64} AS version
    )
FROM (SELECT * FROM bitcoin_transactions WHERE network = {network:String} AND isNull(fee)) AS transaction
INNER JOIN (
    SELECT block_number, transaction_index, sum(assumeNotNull(value)) AS amount
    FROM bitcoin_inputs
    WHERE network = {network:String}
        AND (block_number, transaction_index) IN (
            SELECT block_number, transaction_index
            FROM bitcoin_transactions
            WHERE network = {network:String} AND isNull(fee)
        )
    GROUP BY block_number, transaction_index
    HAVING countIf(resolution = 'unresolved') = 0
) AS spent
    ON spent.block_number = transaction.block_number AND spent.transaction_index = transaction.transaction_index
