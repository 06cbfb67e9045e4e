-- Dense number and address, as 40 hex digits.
SELECT address_id, lower(hex(address)) AS address FROM addresses WHERE chain_id = {chain_id:UInt64}
