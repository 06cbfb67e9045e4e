-- What an address gave or received most often, asset by asset: where a trace without a token begins.
SELECT
    token_address,
    sum({direction:String} = 'out' ? out_count : in_count) AS transfer_count
FROM address_daily_flows
WHERE chain_id = {chain_id:UInt64} AND address IN (SELECT toFixedString(unhex(arrayJoin({addresses:Array(String)})), 20))
GROUP BY token_address
HAVING transfer_count > 0
ORDER BY transfer_count DESC, token_address
