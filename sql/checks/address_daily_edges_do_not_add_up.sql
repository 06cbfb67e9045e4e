-- Days of a giver, of one in sixteen, whose edges are not its transfers of that day: other ones, too many or missing.
--
-- Looked at are the days from the first to the last block that the table knows at all: what was not derived yet is no fault.
SELECT
    concat('0x', lower(hex(giver))) AS address, on_day AS day, concat('0x', lower(hex(token))) AS token,
    sum(stated) AS stated_transfers, sum(held) AS held_transfers
FROM (
    SELECT from_address AS giver, to_address AS receiver, day AS on_day, token_address AS token, transfer_count AS stated, 0 AS held, toInt256(amount) AS went
    FROM address_daily_edges
    WHERE chain_id = {chain_id:UInt64} AND cityHash64(from_address) % 16 = 0
    UNION ALL
    SELECT
        from_address, to_address, toDate(block_timestamp, 'UTC'), token_address, 0, 1,
        -- An empty doubtful transfer is empty first; its amount is nothing either way.
        if(is_left_out, toInt256(0), -toInt256(amount))
    FROM transfers
    WHERE chain_id = {chain_id:UInt64} AND kind != 'fee' AND cityHash64(from_address) % 16 = 0
        AND block_number <= (SELECT maxOrNull(as_of_block) FROM address_daily_edges WHERE chain_id = {chain_id:UInt64})
        AND toDate(block_timestamp, 'UTC') >= (SELECT min(day) FROM address_daily_edges WHERE chain_id = {chain_id:UInt64})
)
GROUP BY giver, receiver, on_day, token
HAVING stated_transfers != held_transfers OR sum(went) != 0
ORDER BY day, address, token
LIMIT 100
