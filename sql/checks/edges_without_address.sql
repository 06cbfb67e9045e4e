-- Edges whose giver or receiver has no dense number.
SELECT from_id, to_id
FROM address_edges
WHERE chain_id = {chain_id:UInt64}
    AND (from_id NOT IN (SELECT address_id FROM addresses WHERE chain_id = {chain_id:UInt64})
        OR to_id NOT IN (SELECT address_id FROM addresses WHERE chain_id = {chain_id:UInt64}))
ORDER BY from_id, to_id
LIMIT 100
