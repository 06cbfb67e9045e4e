-- Withdraw the features of details of behaviour that know a withdrawn block; their own step computes them anew.
INSERT INTO address_detail_features (chain_id, address, version, is_deleted)
SELECT chain_id, address, version + 1, 1
FROM address_detail_features
WHERE chain_id = {chain_id:UInt64} AND as_of_block >= {first:UInt64}
