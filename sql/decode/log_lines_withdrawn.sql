-- Withdraw what a filter found in a range that is about to be searched (again).
INSERT INTO filtered_logs (chain_id, filter, block_number, log_index, version, is_deleted)
SELECT chain_id, filter, block_number, log_index, version + 1, 1
FROM filtered_logs
WHERE chain_id = {chain_id:UInt64}
    AND filter = {filter:String}
    AND block_number BETWEEN {from_block:UInt64} AND {to_block:UInt64}
