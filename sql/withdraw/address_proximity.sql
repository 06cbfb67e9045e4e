-- Withdraw the proximities that know a withdrawn block; their own step computes them anew.
INSERT INTO address_proximity (chain_id, seed_group, address_id, version, is_deleted)
SELECT chain_id, seed_group, address_id, version + 1, 1
FROM address_proximity
WHERE chain_id = {chain_id:UInt64} AND as_of_block >= {first:UInt64}
