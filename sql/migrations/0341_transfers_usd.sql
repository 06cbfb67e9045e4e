-- Transfers with what they were worth in US dollars when they happened, where that is known.
--
-- The price is the last one at or before the block's time, never a later one, and counts for as long as its row in `prices`
-- says (max_age_seconds). What is not known is NULL, never 0: no price, one too old, unknown decimals, an amount too big to be
-- one, or a kind that has no price by the unit (ERC-721, ERC-1155). Native coins have 18 decimals on every chain known here.
CREATE VIEW IF NOT EXISTS transfers_usd AS
SELECT
    t.chain_id AS chain_id,
    t.block_number AS block_number,
    t.block_timestamp AS block_timestamp,
    t.transaction_index AS transaction_index,
    t.transaction_hash AS transaction_hash,
    t.kind AS kind,
    t.position AS position,
    t.batch_index AS batch_index,
    t.from_address AS from_address,
    t.to_address AS to_address,
    t.token_address AS token_address,
    t.amount AS amount,
    t.doubt AS doubt,
    nullIf(k.symbol, '') AS symbol,
    multiIf(
        t.kind IN ('erc721', 'erc1155') OR t.amount_overflow, NULL,
        t.token_address = toFixedString('', 20), toFloat64(t.amount) / 1e18,
        toFloat64(t.amount) / exp10(k.decimals)
    ) AS units,
    if(p.price > 0 AND dateDiff('second', p.priced_at, t.block_timestamp) <= p.max_age_seconds, p.price, NULL) AS price_usd,
    if(price_usd IS NULL, NULL, dateDiff('second', p.priced_at, t.block_timestamp)) AS price_age_seconds,
    if(price_usd IS NULL, NULL, CAST(p.source AS String)) AS price_source,
    units * price_usd AS usd_value
FROM transfers AS t
LEFT JOIN (SELECT chain_id, token_address, symbol, decimals FROM tokens) AS k
    ON k.chain_id = t.chain_id AND k.token_address = t.token_address
ASOF LEFT JOIN
(
    SELECT chain_id, token_address, priced_at, price, max_age_seconds, source FROM prices WHERE quote = 'USD'
) AS p
    ON p.chain_id = t.chain_id AND p.token_address = t.token_address AND t.block_timestamp >= p.priced_at
COMMENT 'One row per transfer with its value in US dollars at the time, NULL where unknown'
