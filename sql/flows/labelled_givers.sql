-- Numbers of the addresses of a chain that some source has put a label on.
--
-- grain: address
SELECT addresses.address_id AS address_id
FROM addresses
WHERE addresses.chain_id = {chain_id:UInt64}
  AND addresses.address IN (SELECT toFixedString(address, 20) FROM labels WHERE length(address) = 20)
ORDER BY address_id
