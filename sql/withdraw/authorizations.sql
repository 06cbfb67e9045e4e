-- Withdraw the authorisations of a range of blocks.
INSERT INTO authorizations (chain_id, block_number, transaction_index, authorization_index, version, is_deleted)
SELECT chain_id, block_number, transaction_index, authorization_index, version + 1, 1
FROM authorizations
WHERE chain_id = {chain_id:UInt64} AND block_number BETWEEN {first:UInt64} AND {last:UInt64}
