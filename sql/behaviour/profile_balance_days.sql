-- By how much each day changed the native balance of an address, up to a block.
SELECT toDate(block_timestamp) AS day, toString(sum(delta)) AS delta
FROM balance_changes
WHERE chain_id = {chain_id:UInt64} AND address = unhex({address:String}) AND block_number <= {to_block:UInt64}
    AND standard = 'native'
GROUP BY day
ORDER BY day
