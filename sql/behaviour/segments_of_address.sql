-- In which segment an address was on each day that was looked at, the newest first.
SELECT window_days, day, CAST(segment AS String) AS segment, clearness, is_outsider
FROM address_segments
WHERE chain_id = {chain_id:UInt64} AND address = unhex({address:String}) AND as_of_block <= {as_of_block:UInt64}
ORDER BY window_days, day DESC
LIMIT {most:UInt64} BY window_days
