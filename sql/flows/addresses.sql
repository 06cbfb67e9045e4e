-- Addresses of a chain, in the order of their dense numbers, so that a row's place is its number.
--
-- grain: address
SELECT address
FROM addresses
WHERE chain_id = {chain_id:UInt64}
ORDER BY address_id
