-- Transactions to ask about, drawn at random.
SELECT hex(transaction_hash) AS hash
FROM transactions
WHERE chain_id = {chain_id:UInt64}
ORDER BY cityHash64(transaction_hash, {seed:UInt64})
LIMIT {draws:UInt64}
