-- The last block before a moment; no row where the store has none.
SELECT max(block_number) AS block_number
FROM transactions
WHERE chain_id = {chain_id:UInt64} AND block_timestamp < toDateTime({moment:UInt32}, 'UTC')
HAVING count() > 0
