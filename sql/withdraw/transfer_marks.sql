-- Withdraw the marks of transfers of a range of blocks.
INSERT INTO transfer_marks (
    chain_id, block_number, block_timestamp, transaction_index, kind, position, batch_index, version, is_deleted
)
SELECT chain_id, block_number, block_timestamp, transaction_index, kind, position, batch_index, version + 1, 1
FROM transfer_marks
WHERE chain_id = {chain_id:UInt64} AND block_number BETWEEN {first:UInt64} AND {last:UInt64}
