-- Working table of models/whatif/engine.py: what variants of wallets do with the native coin, gone when the session closes.
CREATE TEMPORARY TABLE variant_native_moves
(
    address FixedString(20),
    kind LowCardinality(String),
    is_out UInt8,
    counterparty FixedString(20),
    moved_at UInt32,
    block_number UInt64,
    transaction_index UInt32,
    position UInt32,
    transaction_hash FixedString(32),
    amount UInt256,
    success UInt8,
    method_id String,
    input_length UInt32
)
ENGINE = Memory
