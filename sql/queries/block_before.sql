-- The last block before a moment, in Unix seconds of any size and sign; no row where the store has none.
SELECT max(block_number) AS block_number
FROM transactions
WHERE chain_id = {chain_id:UInt64} AND toInt64(toUnixTimestamp(block_timestamp)) < {moment:Int64}
HAVING count() > 0
