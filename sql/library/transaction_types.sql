-- Which kinds of transactions are sent, by day.
--
-- question: How many transactions of each EIP-2718 type (legacy, access list, fee market, blob, set code) were sent
--   each day, and how many failed?
-- tags: network
-- column day: Day, UTC
-- column transaction_type: 0 legacy, 1 access list, 2 fee market, 3 blob, 4 set code, others of L2s
-- column type_name: The same in words
-- column transactions: Transactions
-- column failed: Those that failed
-- chart: day, transactions, type_name
-- example: chainsight query run transaction_types
SELECT
    toDate(block_timestamp) AS day,
    transaction_type,
    transform(transaction_type, [0, 1, 2, 3, 4], ['legacy', 'access list', 'fee market', 'blob', 'set code'], 'other') AS type_name,
    count() AS transactions,
    countIf(success = 0) AS failed
FROM transactions
WHERE chain_id = {chain_id:UInt64} AND block_number BETWEEN {from_block:UInt64} AND {to_block:UInt64}
GROUP BY day, transaction_type
ORDER BY day, transaction_type
