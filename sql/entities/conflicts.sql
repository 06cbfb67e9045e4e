-- Links that were refused, with what was seen and what speaks against it: hard ones and probable ones first.
SELECT
    concat('0x', lower(hex(left_address))) AS left_address, concat('0x', lower(hex(right_address))) AS right_address,
    CAST(heuristic AS String) AS heuristic, CAST(outcome AS String) AS outcome, objection, sentence, probability,
    arrayMap(h -> concat('0x', lower(hex(h))), evidence) AS evidence, as_of_block
FROM entity_links
WHERE chain_id = {chain_id:UInt64} AND startsWith(outcome, 'refused')
ORDER BY is_hard DESC, probability DESC, entity_links.left_address, entity_links.right_address, heuristic
LIMIT {most:UInt64}
