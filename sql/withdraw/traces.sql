-- Withdraw the traces of a range of blocks.
INSERT INTO traces (chain_id, block_number, trace_index, version, is_deleted)
SELECT chain_id, block_number, trace_index, version + 1, 1
FROM traces
WHERE chain_id = {chain_id:UInt64} AND block_number BETWEEN {first:UInt64} AND {last:UInt64}
