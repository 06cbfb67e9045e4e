-- Forget the ranges of a filter that were searched before they were final: another block may stand there now.
INSERT INTO log_coverage (chain_id, filter, from_block, to_block, version, is_deleted)
SELECT chain_id, filter, from_block, to_block, version + 1, 1
FROM log_coverage
WHERE chain_id = {chain_id:UInt64} AND filter = {filter:String} AND finality != 'finalized'
