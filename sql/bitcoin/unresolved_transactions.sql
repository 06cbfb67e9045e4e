-- Transactions whose outputs the batch spends and that nobody has shown yet, with one of the blocks that need each.
SELECT lower(hex(spent_transaction_id)) AS transaction_id, min(block_number) AS block_number
FROM staged_bitcoin_inputs
WHERE resolution = 'unresolved'
GROUP BY spent_transaction_id
ORDER BY transaction_id
