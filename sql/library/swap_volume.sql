-- Which pools are traded in, by day.
--
-- question: How many swaps did each decentralised pool have a day, by how many traders, and how much of which token
--   did it take?
-- tags: markets, tokens
-- column day: Day, UTC
-- column pool: Contract of the pool
-- column form: uniswap_v2 or uniswap_v3 by the form of its event
-- column token_in: Token that the pool took; NULL where the transfers do not tell
-- column token_out: Token that the pool gave; NULL where the transfers do not tell
-- column swaps: Trades
-- column traders: Different signers
-- column amount_in [smallest units]: What the pool took
-- column amount_out [smallest units]: What the pool gave
-- chart: day, swaps, pool
-- example: chainsight query run swap_volume
SELECT
    day,
    concat('0x', lower(hex(pool_address))) AS pool,
    form,
    concat('0x', lower(hex(took))) AS token_in,
    concat('0x', lower(hex(gave))) AS token_out,
    count() AS swaps,
    uniqExact(trader) AS traders,
    sum(moved_in) AS amount_in,
    sum(moved_out) AS amount_out
FROM (
    SELECT
        toDate(block_timestamp) AS day, dex_swaps.pool AS pool_address, CAST(dex_swaps.form AS String) AS form, trader,
        dex_swaps.token_in AS took, dex_swaps.token_out AS gave, dex_swaps.amount_in AS moved_in, dex_swaps.amount_out AS moved_out
    FROM dex_swaps
    WHERE chain_id = {chain_id:UInt64} AND block_number BETWEEN {from_block:UInt64} AND {to_block:UInt64}
)
GROUP BY day, pool_address, form, took, gave
ORDER BY day, pool, token_in, token_out
LIMIT {most:UInt64}
