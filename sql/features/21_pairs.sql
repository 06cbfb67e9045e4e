-- Who counts as a neighbour of whom: a hub through its 2,000 busiest pairs on each side.
--
-- builds: feature_neighbours
-- grain: address, neighbour, side
INSERT INTO feature_neighbours
SELECT from_id AS id, to_id AS address_id, 1 AS is_out
FROM address_edges
WHERE chain_id = {chain_id:UInt64} AND first_block <= {to_block:UInt64} AND from_id != to_id
ORDER BY from_id, transfer_count DESC, to_id
LIMIT 2000 BY from_id
UNION ALL
SELECT to_id AS id, from_id AS address_id, 0 AS is_out
FROM address_edges
WHERE chain_id = {chain_id:UInt64} AND first_block <= {to_block:UInt64} AND from_id != to_id
ORDER BY to_id, transfer_count DESC, from_id
LIMIT 2000 BY to_id
