-- The links inside an entity, or of one address that stands alone: what holds it together, what was refused.
SELECT
    left_address, right_address, CAST(heuristic AS String) AS heuristic, via_address, is_hard, strength, probability,
    CAST(outcome AS String) AS outcome, objection, sentence, arrayMap(h -> concat('0x', lower(hex(h))), evidence) AS evidence
FROM entity_links
WHERE chain_id = {chain_id:UInt64}
    AND (
        left_address = toFixedString(unhex({address:String}), 20) OR right_address = toFixedString(unhex({address:String}), 20)
        OR (
            outcome IN ('merged', 'known')
            AND left_address IN (
                SELECT address FROM entity_members WHERE chain_id = {chain_id:UInt64} AND entity_id = {entity_id:String}
            )
        )
    )
ORDER BY is_hard DESC, probability DESC, left_address, right_address
