-- Ranges that were searched for a filter, in order.
SELECT from_block, to_block, finality
FROM log_coverage
WHERE chain_id = {chain_id:UInt64} AND filter = {filter:String}
ORDER BY from_block
