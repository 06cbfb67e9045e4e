-- What happened to entities, oldest first.
SELECT as_of_block, entity_id, CAST(change AS String) AS change, other_entity_id, address_count, previous_address_count, moved_count, sentence
FROM entity_changes
WHERE chain_id = {chain_id:UInt64}
    AND (
        entity_id IN (SELECT arrayJoin({entity_ids:Array(String)}))
        OR (other_entity_id != '' AND other_entity_id IN (SELECT arrayJoin({entity_ids:Array(String)})))
    )
ORDER BY as_of_block, entity_id, change, other_entity_id
