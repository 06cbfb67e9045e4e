-- What a token was traded at, by day.
--
-- question: At which prices was a token swapped in decentralised pools each day: the lowest, the median, the highest, in the
--   stablecoin or wrapped coin on the other side?
-- tags: markets, tokens
-- param token_address: Token contract.
-- column day: Day, UTC
-- column numeraire: What the price is counted in
-- column median_price: Median over the trades, units of the numeraire for one token
-- column lowest_price: Lowest
-- column highest_price: Highest
-- column trades: Trades with a known price
-- chart: day, median_price, numeraire
-- example: chainsight query run swap_prices --param token_address=0xde6cbd8d794a2791808cd04582f5cb38f5634299
SELECT
    day,
    counted_in AS numeraire,
    quantileExact(0.5)(price) AS median_price,
    min(price) AS lowest_price,
    max(price) AS highest_price,
    count() AS trades
FROM (
    SELECT
        toDate(block_timestamp) AS day,
        if(token_in = numeraire, symbol_in, symbol_out) AS counted_in,
        dex_trades.price AS price
    FROM dex_trades
    WHERE chain_id = {chain_id:UInt64}
        AND block_number BETWEEN {from_block:UInt64} AND {to_block:UInt64}
        AND price IS NOT NULL
        AND numeraire != unhex(substring({token_address:String}, 3))
        AND (token_in = unhex(substring({token_address:String}, 3)) OR token_out = unhex(substring({token_address:String}, 3)))
)
GROUP BY day, counted_in
ORDER BY day, numeraire
