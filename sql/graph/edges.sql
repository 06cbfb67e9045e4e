-- Who gave to whom as the edges of a chain's graph; what an address paid to itself is left out.
SELECT toInt64(from_id) AS src, toInt64(to_id) AS dst
FROM address_edges
WHERE chain_id = {chain_id:UInt64} AND from_id != to_id
    AND from_id IN (SELECT address_id FROM addresses WHERE chain_id = {chain_id:UInt64})
    AND to_id IN (SELECT address_id FROM addresses WHERE chain_id = {chain_id:UInt64})
ORDER BY src, dst
