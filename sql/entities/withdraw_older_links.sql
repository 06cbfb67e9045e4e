-- Withdraw the links that the newest build no longer found.
INSERT INTO entity_links (chain_id, left_address, right_address, heuristic, via_address, version, is_deleted)
SELECT chain_id, left_address, right_address, heuristic, via_address, {version:UInt64}, 1
FROM entity_links AS l
WHERE chain_id = {chain_id:UInt64} AND l.version < {version:UInt64}
