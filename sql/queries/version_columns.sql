-- Which of some tables have versions, and whether they are kept by chain; views and working tables are none of them.
SELECT table, max(name = 'chain_id') AS has_chain
FROM system.columns
WHERE database = currentDatabase() AND has({tables:Array(String)}, table) AND name IN ('version', 'chain_id')
GROUP BY table
HAVING max(name = 'version')
ORDER BY table
