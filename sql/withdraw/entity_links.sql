-- Withdraw the links between addresses that know a withdrawn block; the next build finds them anew.
INSERT INTO entity_links (chain_id, left_address, right_address, heuristic, via_address, version, is_deleted)
SELECT chain_id, left_address, right_address, heuristic, via_address, version + 1, 1
FROM entity_links
WHERE chain_id = {chain_id:UInt64} AND as_of_block >= {first:UInt64}
