-- Days of an address, of one address in sixteen, whose flows are not its transfers of that day.
SELECT
    concat('0x', lower(hex(who))) AS address, on_day AS day, concat('0x', lower(hex(token))) AS token,
    sum(stated) AS stated_transfers, sum(held) AS held_transfers
FROM (
    SELECT address AS who, day AS on_day, token_address AS token, in_count + out_count AS stated, 0 AS held, toInt256(in_amount) - toInt256(out_amount) AS net
    FROM address_daily_flows
    WHERE chain_id = {chain_id:UInt64} AND cityHash64(address) % 16 = 0
    UNION ALL
    SELECT f.address, f.day, f.token_address, 0, 1, if(m.is_in, -toInt256(m.units), toInt256(m.units))
    FROM (
        SELECT
            end.1 AS who, toDate(block_timestamp, 'UTC') AS on_day, token_address AS token, block_number AS block, end.2 AS is_in,
            if(amount_overflow OR doubt IN ('unlisted_wrapper', 'collection_with_amount'), 0, amount) AS units
        FROM transfers
        ARRAY JOIN [(from_address, 0), (to_address, 1)] AS end
        WHERE chain_id = {chain_id:UInt64} AND kind != 'fee' AND cityHash64(end.1) % 16 = 0
    ) AS m
    INNER JOIN (
        SELECT address, day, token_address, as_of_block
        FROM address_daily_flows
        WHERE chain_id = {chain_id:UInt64} AND cityHash64(address) % 16 = 0
    ) AS f ON f.address = m.who AND f.day = m.on_day AND f.token_address = m.token
    WHERE m.block <= f.as_of_block
)
GROUP BY who, on_day, token
HAVING stated_transfers != held_transfers OR sum(net) != 0
ORDER BY day, address, token
LIMIT 100
