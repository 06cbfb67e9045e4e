-- When addresses of a chain were first on it, oldest first: what names an entity and says which link of equals comes first.
SELECT address
FROM addresses
WHERE chain_id = {chain_id:UInt64}
ORDER BY first_block, address_id
