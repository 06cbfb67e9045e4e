-- How many transfers a stretch of blocks holds, and the days of the first and the last of them.
SELECT
    count() AS transfer_count,
    toString(toDate(min(block_timestamp), 'UTC')) AS from_day,
    toString(toDate(max(block_timestamp), 'UTC')) AS to_day
FROM transfers
WHERE chain_id = {chain_id:UInt64} AND block_number BETWEEN {from_block:UInt64} AND {to_block:UInt64} AND kind != 'fee'
