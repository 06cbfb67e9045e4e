-- Days of a token whose flows are not its transfers of that day, up to the block that the row knows.
SELECT
    concat('0x', lower(hex(f.token_address))) AS token, f.day AS day,
    any(f.transfer_count + f.mint_count + f.burn_count) AS stated_transfers, count(m.block) AS held_transfers
FROM (SELECT * FROM token_daily_flows WHERE chain_id = {chain_id:UInt64}) AS f
LEFT JOIN (
    SELECT
        token_address, toDate(block_timestamp, 'UTC') AS day, toNullable(block_number) AS block,
        if(amount_overflow OR doubt IN ('unlisted_wrapper', 'collection_with_amount'), 0, amount) AS units
    FROM transfers
    WHERE chain_id = {chain_id:UInt64} AND kind != 'fee'
) AS m ON m.token_address = f.token_address AND m.day = f.day
WHERE m.block IS NULL OR m.block <= f.as_of_block
GROUP BY f.token_address, f.day
HAVING stated_transfers != held_transfers
    OR any(f.transfer_amount + f.mint_amount + f.burn_amount) != sum(m.units)
ORDER BY day, token
LIMIT 100
