-- Working table of sql/features/01_moves.sql, gone when the store closes.
CREATE TEMPORARY TABLE feature_moves
(
    address FixedString(20),
    counterparty FixedString(20),
    is_out UInt8,
    moved_at UInt32,
    block_number UInt64,
    place UInt64,
    amount Float64,
    digits UInt8,
    success UInt8,
    selector String,
    input_length UInt32,
    is_transaction UInt8
)
ENGINE = MergeTree
ORDER BY (address, block_number, place)
