-- Take memberships back to what was known before the first withdrawn block.
--
-- A membership that was first seen with knowledge of a withdrawn block goes. One that was seen before stays as of that earlier build,
-- which knew none of these blocks, and holds again where a later build had ended it. The next build compares with that.
INSERT INTO entity_member_rows
    (chain_id, address, since_block, entity_id, until_block, heuristic, probability, as_of_block, version, is_deleted)
SELECT
    chain_id, address, since_block, entity_id,
    if(until_block >= {first:UInt64}, 18446744073709551615, until_block) AS until,
    heuristic, probability,
    since_block AS as_of, m.version + 1, since_block >= {first:UInt64}
FROM entity_member_rows AS m
WHERE chain_id = {chain_id:UInt64} AND (m.as_of_block >= {first:UInt64} OR (m.until_block >= {first:UInt64} AND m.until_block < 18446744073709551615))
