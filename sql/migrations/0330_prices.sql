-- What a token cost, as a file said it: one price for a token, a currency and a moment.
CREATE TABLE IF NOT EXISTS prices
(
    chain_id UInt64 COMMENT 'EIP-155 chain id',
    token_address FixedString(20) COMMENT 'Token contract; zeros for the native coin',
    quote LowCardinality(String) COMMENT 'Currency of the price in capitals: USD, EUR …',
    priced_at DateTime('UTC') CODEC(Delta, ZSTD) COMMENT 'Since when the price was known: the end of its candle, or its own time; nothing before this moment may use it',
    price Float64 CODEC(Gorilla, ZSTD) COMMENT 'Units of the currency for one whole token (10^decimals smallest units). A float, because it is an estimate with fewer digits than that, and because tokens cost from 1e-15 to 1e5; amounts stay integers',
    bucket_seconds UInt32 COMMENT 'Length of the candle whose last price this is; 0 for a price of one moment',
    max_age_seconds UInt32 COMMENT 'For so long after priced_at the price may be used; later the price is unknown',
    source LowCardinality(String) COMMENT 'Who says so',
    file LowCardinality(String) DEFAULT '' COMMENT 'Name of the file in which it stood; empty where it came from no file',
    file_sha256 LowCardinality(String) DEFAULT '' COMMENT 'SHA-256 of that file, hexadecimal',
    known_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC') COMMENT 'When this store learned it',
    version UInt64 COMMENT 'Grows with every write; the highest wins',
    is_deleted UInt8 DEFAULT 0 COMMENT '1 withdraws the row'
)
ENGINE = ReplacingMergeTree(version, is_deleted)
ORDER BY (chain_id, token_address, quote, priced_at)
COMMENT 'One row per token, currency and moment; a newer import of the same moment replaces the older one'
