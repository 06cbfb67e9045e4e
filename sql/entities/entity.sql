-- One entity, as the last build found it.
SELECT
    entity_id, owner, CAST(category AS String) AS category, address_count, hard_link_count, soft_link_count, refused_link_count,
    weakest_probability, alarm, as_of_block, computed_at
FROM entities
WHERE chain_id = {chain_id:UInt64} AND entity_id = {entity_id:String}
