-- The first members of an entity, those that have belonged to it longest first.
SELECT concat('0x', lower(hex(address))) AS address, CAST(heuristic AS String) AS heuristic, probability, since_block
FROM entity_members
WHERE chain_id = {chain_id:UInt64} AND entity_id = {entity_id:String}
ORDER BY since_block, address
LIMIT {most:UInt64}
