-- Whether any transfer names an address.
SELECT count() > 0 AS is_seen
FROM
(
    SELECT 1 FROM address_transfers WHERE chain_id = {chain_id:UInt64} AND address = toFixedString(unhex({address:String}), 20) LIMIT 1
)
