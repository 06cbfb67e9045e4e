-- Transactions that spend from two addresses or more, in the order of the chain, with what tells a coinjoin.
--
-- grain: transaction
--
-- Outputs up to 2,730 satoshi say nothing: dust and the markers of overlay protocols have one value in many transactions.
WITH
    spent AS
    (
        SELECT block_number, transaction_index, any(transaction_id) AS transaction_id, groupUniqArray(address) AS held
        FROM (SELECT * FROM bitcoin_inputs WHERE network = {network:String} AND block_number <= {as_of_block:UInt64} AND address != '')
        WHERE block_number IN (SELECT block_number FROM bitcoin_blocks WHERE network = {network:String})
        GROUP BY block_number, transaction_index
        HAVING length(held) >= 2
    ),
    paid AS
    (
        SELECT block_number, transaction_index, sum(n) AS output_count, maxIf(n, value > 2730) AS equal_output_count
        FROM
        (
            SELECT block_number, transaction_index, value, count() AS n
            FROM bitcoin_outputs
            WHERE network = {network:String} AND (block_number, transaction_index) IN (SELECT block_number, transaction_index FROM spent)
            GROUP BY block_number, transaction_index, value
        )
        GROUP BY block_number, transaction_index
    )
SELECT
    block_number, toUInt32(transaction_index) AS transaction_index, transaction_id, arraySort(held) AS addresses,
    output_count, equal_output_count
FROM spent
INNER JOIN paid USING (block_number, transaction_index)
ORDER BY block_number, transaction_index
