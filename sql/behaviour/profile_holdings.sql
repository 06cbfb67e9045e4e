-- What an address had at the end of a block, by token, with its price then where one is known.
SELECT
    hex(held.token) AS token, CAST(held.standard AS String) AS standard, toString(held.balance) AS amount, held.items AS items,
    held.last_changed AS last_changed, p.price AS price
FROM (
    SELECT
        token_address AS token, b.standard AS standard, sum(delta) AS balance, uniqExact(b.token_id) AS items,
        max(block_timestamp) AS last_changed
    FROM balance_changes AS b
    WHERE chain_id = {chain_id:UInt64} AND address = unhex({address:String}) AND block_number <= {to_block:UInt64}
    GROUP BY token, standard
    HAVING balance != 0
) AS held
LEFT JOIN (
    SELECT token_address, argMax(price, priced_at) AS price
    FROM prices
    WHERE chain_id = {chain_id:UInt64} AND quote = 'USD' AND priced_at <= {at:DateTime}
        AND dateDiff('second', priced_at, {at:DateTime}) <= max_age_seconds
    GROUP BY token_address
) AS p ON p.token_address = held.token
ORDER BY standard != 'native', toFloat64(held.balance) * p.price DESC, token
LIMIT {most:UInt64}
