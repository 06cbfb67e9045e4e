-- Withdraw the proximities that the newest run did not find again.
INSERT INTO address_proximity (chain_id, seed_group, address_id, version, is_deleted)
SELECT chain_id, seed_group, address_id, {version:UInt64}, 1
FROM address_proximity
WHERE chain_id = {chain_id:UInt64} AND version < {version:UInt64}
