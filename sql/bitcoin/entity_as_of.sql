-- The newest committed block of a Bitcoin network and its time.
SELECT
    max(to_block) AS as_of_block,
    count() AS batch_count,
    (
        SELECT toDateTime64(argMax(block_timestamp, block_number), 0, 'UTC') FROM bitcoin_blocks WHERE network = {network:String}
    ) AS as_of_time
FROM bitcoin_audit
WHERE network = {network:String} AND state = 'committed'
