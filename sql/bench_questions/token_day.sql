-- A token's transfers in one day: how many, how much, between how many.
WITH toStartOfDay(toDateTime({timestamp:UInt32}, 'UTC')) AS day_start
SELECT
    count() AS transfer_count,
    sum(toFloat64(amount)) AS total_amount,
    uniq(from_address) AS giver_count,
    uniq(to_address) AS receiver_count
FROM transfers
WHERE chain_id = {chain_id:UInt64}
    AND token_address = unhex({token:String})
    AND block_timestamp >= day_start
    AND block_timestamp < day_start + INTERVAL 1 DAY
