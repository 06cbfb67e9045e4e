-- The numbered addresses of a chain as the vertices of its graph, ascending.
SELECT toInt64(address_id) AS id, address
FROM addresses
WHERE chain_id = {chain_id:UInt64}
ORDER BY id
