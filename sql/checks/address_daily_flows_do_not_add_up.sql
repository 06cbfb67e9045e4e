-- Days of an address, of one address in sixteen, whose flows are not its transfers of that day: other ones, too many or missing.
--
-- Looked at are the days from the first to the last block that the table knows at all: what was not derived yet is no fault.
SELECT
    concat('0x', lower(hex(who))) AS address, on_day AS day, concat('0x', lower(hex(token))) AS token,
    sum(stated) AS stated_transfers, sum(held) AS held_transfers
FROM (
    SELECT
        address AS who, day AS on_day, token_address AS token, in_count + out_count AS stated, 0 AS held,
        toInt256(in_amount) AS came, toInt256(out_amount) AS went, toInt256(fee_amount) AS paid
    FROM address_daily_flows
    WHERE chain_id = {chain_id:UInt64} AND cityHash64(address) % 16 = 0
    UNION ALL
    SELECT
        end.1, toDate(block_timestamp, 'UTC'), token_address, 0, kind != 'fee',
        if(kind != 'fee' AND end.2 AND NOT is_left_out, -toInt256(amount), toInt256(0)),
        if(kind != 'fee' AND NOT end.2 AND NOT is_left_out, -toInt256(amount), toInt256(0)),
        if(kind = 'fee', -toInt256(amount), toInt256(0))
    FROM transfers
    ARRAY JOIN [(from_address, 0), (to_address, 1)] AS end
    WHERE chain_id = {chain_id:UInt64}
        AND cityHash64(end.1) % 16 = 0
        AND end.1 != toFixedString('', 20)
        AND NOT (kind = 'fee' AND end.2)
        AND block_number <= (SELECT maxOrNull(as_of_block) FROM address_daily_flows WHERE chain_id = {chain_id:UInt64})
        AND toDate(block_timestamp, 'UTC') >= (SELECT min(day) FROM address_daily_flows WHERE chain_id = {chain_id:UInt64})
)
GROUP BY who, on_day, token
HAVING stated_transfers != held_transfers OR sum(came) != 0 OR sum(went) != 0 OR sum(paid) != 0
ORDER BY day, address, token
LIMIT 100
