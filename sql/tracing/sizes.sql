-- How many rows the histories of some addresses have at most, of any kind and time: before they are read, so that nobody waits for a hub.
SELECT address, count() AS row_count
FROM address_transfers
PREWHERE chain_id = {chain_id:UInt64} AND address IN {addresses:Array(FixedString(20))}
GROUP BY address
HAVING row_count > {hub_cap:UInt64}
SETTINGS final = 0
