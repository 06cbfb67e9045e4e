-- Withdraw what builds of Bitcoin entities knew of withdrawn blocks; the next build finds it anew.
INSERT INTO bitcoin_entity_members (network, address, version, is_deleted)
SELECT network, address, version + 1, 1
FROM bitcoin_entity_members
WHERE network = {network:String} AND as_of_block >= {first:UInt64} AND {first:UInt64} <= {last:UInt64}
