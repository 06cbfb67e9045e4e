-- Withdraw the graph's measures that know a withdrawn block; their own step computes them anew.
INSERT INTO address_measures (chain_id, address_id, version, is_deleted)
SELECT chain_id, address_id, version + 1, 1
FROM address_measures
WHERE chain_id = {chain_id:UInt64} AND as_of_block >= {first:UInt64}
