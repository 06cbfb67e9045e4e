-- The numbers of the addresses that have all rows about their neighbours.
SELECT toInt64(address_id) AS id
FROM addresses
WHERE chain_id = {chain_id:UInt64}
    AND address IN (SELECT address FROM address_neighbour_features WHERE chain_id = {chain_id:UInt64})
    AND address IN (SELECT address FROM address_second_neighbour_features WHERE chain_id = {chain_id:UInt64})
