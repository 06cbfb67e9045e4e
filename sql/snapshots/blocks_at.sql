-- The last block with a transfer up to a moment, and the first one from it on; NULL where there is none.
SELECT
    maxOrNullIf(block_number, block_timestamp <= toDateTime({moment:Int64}, 'UTC')) AS last_until,
    minOrNullIf(block_number, block_timestamp >= toDateTime({moment:Int64}, 'UTC')) AS first_since
FROM transfers
WHERE chain_id = {chain_id:UInt64}
