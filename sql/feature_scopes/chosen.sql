-- The numbers of the addresses that are described anew.
SELECT DISTINCT toInt64(address_id) AS id
FROM addresses
WHERE chain_id = {chain_id:UInt64} AND address IN (SELECT address FROM feature_scope)
