-- The numbered addresses of a chain.
SELECT toInt64(address_id) AS id, address FROM addresses WHERE chain_id = {chain_id:UInt64} ORDER BY id
