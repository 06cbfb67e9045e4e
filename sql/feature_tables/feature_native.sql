-- Working table of sql/features/03_native.sql, gone when the store closes.
CREATE TEMPORARY TABLE feature_native
(
    address FixedString(20),
    counterparty FixedString(20),
    is_out UInt8,
    moved_at UInt32,
    block_number UInt64,
    amount Float64,
    digits UInt8,
    success UInt8,
    selector String,
    input_length UInt32,
    is_transaction UInt8,
    age Float64,
    gap Nullable(Float64),
    side_gap Nullable(Float64),
    is_new_counterparty UInt8,
    is_repeat UInt8,
    since_in Nullable(Float64),
    last_in Float64,
    is_turn Nullable(UInt8),
    rank UInt32,
    balance Float64
)
ENGINE = MergeTree
ORDER BY (address, block_number)
