-- Every address that has features, as 40 hex digits.
SELECT lower(hex(address)) AS address FROM address_features WHERE chain_id = {chain_id:UInt64}
UNION DISTINCT
SELECT lower(hex(address)) AS address FROM address_token_features WHERE chain_id = {chain_id:UInt64}
