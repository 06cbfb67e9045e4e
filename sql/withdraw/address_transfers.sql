-- Withdraw both sides of the transfers of a range of blocks.
INSERT INTO address_transfers
    (chain_id, address, block_number, transaction_index, kind, position, batch_index, direction, version, is_deleted)
SELECT
    chain_id, address, block_number, transaction_index, kind, position, batch_index, direction, version + 1, 1
FROM address_transfers
WHERE chain_id = {chain_id:UInt64} AND block_number BETWEEN {first:UInt64} AND {last:UInt64}
