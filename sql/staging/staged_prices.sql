-- Prices of one import, before it is known which of them are new.
CREATE TEMPORARY TABLE staged_prices
(
    chain_id UInt64,
    token_address FixedString(20),
    quote String,
    priced_at DateTime('UTC'),
    price Float64,
    bucket_seconds UInt32,
    max_age_seconds UInt32,
    source String,
    file String,
    file_sha256 String
)
