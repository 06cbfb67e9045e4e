-- Trades in whole units with their price in the numeraire and in US dollars.
--
-- Units and symbols are those that `tokens` knows now, so what is learnt of a token later shows at once. The price is the one
-- that was paid, the pool's fee in it: numeraire units per whole unit of the other token. Dollars follow from a price of the
-- numeraire or else of the other side, at or before the block's time (see transfers_usd); unknown is NULL.
CREATE VIEW IF NOT EXISTS dex_trades AS
SELECT
    s.chain_id AS chain_id,
    s.block_number AS block_number,
    s.block_timestamp AS block_timestamp,
    s.transaction_hash AS transaction_hash,
    s.log_index AS log_index,
    s.pool AS pool,
    s.form AS form,
    s.trader AS trader,
    s.token_in AS token_in,
    nullIf(i.symbol, '') AS symbol_in,
    toFloat64(s.amount_in) / exp10(i.decimals) AS units_in,
    s.token_out AS token_out,
    nullIf(o.symbol, '') AS symbol_out,
    toFloat64(s.amount_out) / exp10(o.decimals) AS units_out,
    s.tokens_by AS tokens_by,
    s.doubt AS doubt,
    s.numeraire AS numeraire,
    multiIf(
        units_in <= 0 OR units_out <= 0, NULL,
        s.numeraire = s.token_in, units_in / units_out,
        s.numeraire = s.token_out, units_out / units_in,
        NULL
    ) AS price,
    if(pi.price > 0 AND dateDiff('second', pi.priced_at, s.block_timestamp) <= pi.max_age_seconds, units_in * pi.price, NULL) AS usd_in,
    if(po.price > 0 AND dateDiff('second', po.priced_at, s.block_timestamp) <= po.max_age_seconds, units_out * po.price, NULL) AS usd_out,
    if(ifNull(s.numeraire = s.token_out, 0), coalesce(usd_out, usd_in), coalesce(usd_in, usd_out)) AS usd_value
FROM dex_swaps AS s
LEFT JOIN (SELECT chain_id, token_address, symbol, decimals FROM tokens) AS i
    ON i.chain_id = s.chain_id AND i.token_address = s.token_in
LEFT JOIN (SELECT chain_id, token_address, symbol, decimals FROM tokens) AS o
    ON o.chain_id = s.chain_id AND o.token_address = s.token_out
ASOF LEFT JOIN
(
    SELECT chain_id, token_address, priced_at, price, max_age_seconds FROM prices WHERE quote = 'USD'
) AS pi
    ON pi.chain_id = s.chain_id AND pi.token_address = s.token_in AND s.block_timestamp >= pi.priced_at
ASOF LEFT JOIN
(
    SELECT chain_id, token_address, priced_at, price, max_age_seconds FROM prices WHERE quote = 'USD'
) AS po
    ON po.chain_id = s.chain_id AND po.token_address = s.token_out AND s.block_timestamp >= po.priced_at
COMMENT 'One row per trade in whole units, with price and value, NULL where unknown'
