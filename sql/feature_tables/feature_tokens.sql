-- Working table of sql/features/04_tokens.sql, gone when the store closes.
CREATE TEMPORARY TABLE feature_tokens
(
    address FixedString(20),
    counterparty FixedString(20),
    is_out UInt8,
    token_address FixedString(20),
    kind LowCardinality(String),
    moved_at UInt32,
    block_number UInt64,
    amount Float64,
    digits UInt8,
    age Float64,
    gap Nullable(Float64),
    side_gap Nullable(Float64),
    since_in Nullable(Float64),
    is_first_of_token UInt8,
    is_own_act UInt8
)
ENGINE = MergeTree
ORDER BY (address, block_number)
