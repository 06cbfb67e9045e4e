-- Transfers with what they were worth in US dollars when they happened, where that is known.
--
-- The price is the last one at or before the block's time that still holds (see price_spans), never a later one; each holds for as
-- long as its row in `prices` says (max_age_seconds). What is not known is NULL, never 0: no price, one too old, unknown decimals,
-- an amount too big to be one, or a kind that has no price by the unit (ERC-721, ERC-1155). Native coins have 18 decimals on every
-- chain known here.
CREATE VIEW IF NOT EXISTS transfers_usd
(
    chain_id UInt64 COMMENT 'EIP-155 chain id',
    block_number UInt64 COMMENT 'Height',
    block_timestamp DateTime('UTC') COMMENT 'Time of the block, and of the price',
    transaction_index UInt32 COMMENT 'Position of the transaction in the block; 4294967295 without one',
    transaction_hash FixedString(32) COMMENT 'Transaction; zeros without one',
    kind LowCardinality(String) COMMENT 'native, internal, erc20, erc721, erc1155, wrap, withdrawal or fee',
    position UInt32 COMMENT 'Log index, trace index, transaction index or withdrawal position, by kind',
    batch_index UInt32 COMMENT 'Position inside an ERC-1155 batch; for fees 0 burnt, 1 tip, 2 blob; else 0',
    from_address FixedString(20) COMMENT 'Giver; zeros for mint, wrap and withdrawal',
    to_address FixedString(20) COMMENT 'Receiver; zeros for burn and unwrap',
    token_address FixedString(20) COMMENT 'Token contract; zeros for the native coin',
    amount UInt256 COMMENT 'Smallest units; 1 for ERC-721',
    doubt LowCardinality(String) COMMENT 'Why this may not be what its event says, see transfers; empty otherwise',
    symbol Nullable(String) COMMENT 'Symbol of the token as known now; NULL where nobody says it',
    units Nullable(Float64) COMMENT 'Whole coins or tokens, by the decimals known now; NULL where those are not known',
    price_usd Nullable(Float64) COMMENT 'US dollars for one whole unit at the time; NULL where no price holds',
    price_age_seconds Nullable(Int64) COMMENT 'Seconds from the moment since when the price was known to the block',
    price_source Nullable(String) COMMENT 'Who says the price; par: a stablecoin taken at one dollar',
    usd_value Nullable(Float64) COMMENT 'units times price_usd; NULL where one of them is'
)
AS SELECT
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
    SELECT chain_id, token_address, counts_from, priced_at, price, max_age_seconds, source FROM price_spans WHERE quote = 'USD'
) AS p
    ON p.chain_id = t.chain_id AND p.token_address = t.token_address AND t.block_timestamp >= p.counts_from
COMMENT 'One row per transfer with its value in US dollars at the time, NULL where unknown'
