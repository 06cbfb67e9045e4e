-- Withdraw the entities that the newest build no longer found.
INSERT INTO entities (chain_id, entity_id, version, is_deleted)
SELECT chain_id, entity_id, {version:UInt64}, 1
FROM entities AS e
WHERE chain_id = {chain_id:UInt64} AND e.version < {version:UInt64}
