-- Trades in whole units with their price in the numeraire and in US dollars.
--
-- Units and symbols are those that `tokens` knows now, so what is learnt of a token later shows at once. The price is the one
-- that was paid, the pool's fee in it: numeraire units per whole unit of the other token. Dollars follow from a price of the
-- numeraire or else of the other side, at or before the block's time (see transfers_usd); unknown is NULL.
CREATE VIEW IF NOT EXISTS dex_trades
(
    chain_id UInt64 COMMENT 'EIP-155 chain id',
    block_number UInt64 COMMENT 'Height',
    block_timestamp DateTime('UTC') COMMENT 'Time of the block, and of the prices in dollars',
    transaction_hash FixedString(32) COMMENT 'Transaction that traded',
    log_index UInt32 COMMENT 'Position of the Swap event in the block',
    pool FixedString(20) COMMENT 'Contract that emitted the event',
    form LowCardinality(String) COMMENT 'uniswap_v2, uniswap_v3 or pancake_v3, by the form of the event',
    trader Nullable(FixedString(20)) COMMENT 'Who signed the transaction; NULL where the transaction is not stored',
    token_in Nullable(FixedString(20)) COMMENT 'Token that the pool took; NULL where the transfers of the transaction do not tell',
    symbol_in Nullable(String) COMMENT 'Its symbol as known now; NULL where nobody says it',
    units_in Nullable(Float64) COMMENT 'Whole tokens that the pool took; NULL where the decimals are not known',
    token_out Nullable(FixedString(20)) COMMENT 'Token that the pool gave; NULL where the transfers do not tell',
    symbol_out Nullable(String) COMMENT 'Its symbol as known now; NULL where nobody says it',
    units_out Nullable(Float64) COMMENT 'Whole tokens that the pool gave; NULL where the decimals are not known',
    tokens_by LowCardinality(String) COMMENT 'How the tokens are known: amounts or direction, see dex_swaps; empty where they are not',
    doubt LowCardinality(String) COMMENT 'Why tokens are missing, see dex_swaps; empty otherwise',
    numeraire Nullable(FixedString(20)) COMMENT 'The side that the price is counted in; NULL when neither was a stablecoin or the wrapped coin',
    price Nullable(Float64) COMMENT 'Whole units of the numeraire paid for one whole unit of the other token, the fee of the pool in it',
    usd_in Nullable(Float64) COMMENT 'US dollars of what the pool took, by a price that held at the time; NULL without one',
    usd_out Nullable(Float64) COMMENT 'US dollars of what the pool gave; NULL without a price',
    usd_value Nullable(Float64) COMMENT 'US dollars of the trade: by the side of the numeraire, else by the other one'
)
AS SELECT
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
    SELECT chain_id, token_address, counts_from, priced_at, price, max_age_seconds FROM price_spans WHERE quote = 'USD'
) AS pi
    ON pi.chain_id = s.chain_id AND pi.token_address = s.token_in AND s.block_timestamp >= pi.counts_from
ASOF LEFT JOIN
(
    SELECT chain_id, token_address, counts_from, priced_at, price, max_age_seconds FROM price_spans WHERE quote = 'USD'
) AS po
    ON po.chain_id = s.chain_id AND po.token_address = s.token_out AND s.block_timestamp >= po.counts_from
COMMENT 'One row per trade in whole units, with price and value, NULL where unknown'
