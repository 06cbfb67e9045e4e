-- Withdraw the entities that know a withdrawn block; the next build finds them anew.
INSERT INTO entities (chain_id, entity_id, version, is_deleted)
SELECT chain_id, entity_id, version + 1, 1
FROM entities
WHERE chain_id = {chain_id:UInt64} AND as_of_block >= {first:UInt64}
