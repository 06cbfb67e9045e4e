-- How many addresses have features.
SELECT count() AS addresses
FROM
(
    SELECT address FROM address_features WHERE chain_id = {chain_id:UInt64}
    UNION DISTINCT
    SELECT address FROM address_token_features WHERE chain_id = {chain_id:UInt64}
)
