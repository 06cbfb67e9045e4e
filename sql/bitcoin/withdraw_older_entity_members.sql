-- Withdraw what the newest build of Bitcoin entities no longer found.
INSERT INTO bitcoin_entity_members (network, address, version, is_deleted)
SELECT network, address, {version:UInt64}, 1
FROM bitcoin_entity_members AS m
WHERE network = {network:String} AND m.version < {version:UInt64}
