-- Whose histories have more rows than the cap until a block, of any kind and version: of these alone it is asked who is a hub.
SELECT address, count() AS row_count
FROM address_transfers
PREWHERE chain_id = {chain_id:UInt64} AND address IN (SELECT arrayJoin({addresses:Array(FixedString(20))}))
WHERE block_number <= {until_block:UInt64}
GROUP BY address
HAVING row_count > {hub_cap:UInt64}
SETTINGS final = 0
