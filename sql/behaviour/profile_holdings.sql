-- What an address had at the end of a block, by token, with its price then where one is known: the most valuable first,
-- then what lists name, so that what strangers sent comes last.
SELECT
    hex(held.token) AS token, CAST(held.standard AS String) AS standard, toString(held.balance) AS amount, held.items AS items,
    held.last_changed AS last_changed, p.price AS price
FROM (
    SELECT
        token, standard, sum(balance_of_id) AS balance, countIf(balance_of_id > 0) AS items, max(changed_at) AS last_changed
    FROM (
        SELECT token_address AS token, b.standard AS standard, sum(delta) AS balance_of_id, max(block_timestamp) AS changed_at
        FROM balance_changes AS b
        WHERE chain_id = {chain_id:UInt64} AND address = unhex({address:String}) AND block_number <= {to_block:UInt64}
        GROUP BY token, standard, b.token_id
    )
    GROUP BY token, standard
    HAVING countIf(balance_of_id != 0) > 0
) AS held
LEFT JOIN (
    SELECT token_address, argMax(price, priced_at) AS price
    FROM prices
    WHERE chain_id = {chain_id:UInt64} AND quote = 'USD' AND priced_at <= {at:DateTime}
        AND dateDiff('second', priced_at, {at:DateTime}) <= max_age_seconds
    GROUP BY token_address
) AS p ON p.token_address = held.token
LEFT JOIN (
    SELECT token_address, decimals, source != 'contract' AS is_listed FROM tokens WHERE chain_id = {chain_id:UInt64}
) AS t ON t.token_address = held.token
ORDER BY
    held.standard != 'native',
    -- A price is of a whole coin: without decimals nobody knows how many there are.
    ifNull(toFloat64(held.balance) / exp10(t.decimals) * p.price, 0) DESC,
    t.is_listed DESC,
    held.token
LIMIT {most:UInt64}
