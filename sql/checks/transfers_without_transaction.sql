-- Transfers that name a transaction the store does not hold.
SELECT block_number, transaction_index, kind, count() AS transfers
FROM transfers
WHERE chain_id = {chain_id:UInt64} AND transaction_index != 4294967295
    AND (block_number, transaction_index) NOT IN
        (SELECT block_number, transaction_index FROM transactions WHERE chain_id = {chain_id:UInt64})
    -- Account histories hold token transfers of transactions that somebody else signed, without those.
    AND (SELECT count() FROM ingest_audit WHERE chain_id = {chain_id:UInt64} AND source = 'tables') = 0
GROUP BY block_number, transaction_index, kind
ORDER BY block_number, transaction_index
LIMIT 100
