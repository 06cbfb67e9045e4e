-- How many rows ingest left in each table, transfers by kind.
SELECT 'blocks' AS name, count() AS rows FROM blocks WHERE chain_id = {chain_id:UInt64}
UNION ALL SELECT 'transactions', count() FROM transactions WHERE chain_id = {chain_id:UInt64}
UNION ALL SELECT 'logs', count() FROM logs WHERE chain_id = {chain_id:UInt64}
UNION ALL SELECT 'traces', count() FROM traces WHERE chain_id = {chain_id:UInt64}
UNION ALL SELECT 'withdrawals', count() FROM withdrawals WHERE chain_id = {chain_id:UInt64}
UNION ALL
SELECT concat('transfers: ', CAST(kind AS String)), count() FROM transfers WHERE chain_id = {chain_id:UInt64} GROUP BY kind
