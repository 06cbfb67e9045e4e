-- A token's transfers and volume by day.
SELECT toDate(block_timestamp) AS day, count() AS transfer_count, sum(toFloat64(amount)) AS total_amount
FROM transfers
WHERE chain_id = {chain_id:UInt64} AND token_address = unhex({token:String}) AND kind = 'erc20'
GROUP BY day
ORDER BY day
