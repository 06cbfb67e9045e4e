-- Withdraw what builds that knew a withdrawn block said had happened to entities.
INSERT INTO entity_changes (chain_id, as_of_block, entity_id, change, other_entity_id, version, is_deleted)
SELECT chain_id, as_of_block, entity_id, change, other_entity_id, version + 1, 1
FROM entity_changes
WHERE chain_id = {chain_id:UInt64} AND as_of_block >= {first:UInt64}
