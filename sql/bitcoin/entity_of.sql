-- The entity of a Bitcoin address: its members, first ones first by name.
SELECT address, entity_id, address_count, owner, alarm, as_of_block
FROM bitcoin_entity_members
WHERE network = {network:String}
    AND entity_id IN (SELECT entity_id FROM bitcoin_entity_members WHERE network = {network:String} AND address = {address:String})
ORDER BY address
LIMIT {most:UInt64}
