-- Working table of models/whatif/engine.py: what variants of wallets do with tokens, gone when the session closes.
CREATE TEMPORARY TABLE variant_token_moves
(
    address FixedString(20),
    kind LowCardinality(String),
    is_out UInt8,
    counterparty FixedString(20),
    moved_at UInt32,
    block_number UInt64,
    transaction_index UInt32,
    position UInt32,
    batch_index UInt32,
    transaction_hash FixedString(32),
    token_address FixedString(20),
    token_id UInt256,
    amount UInt256
)
ENGINE = Memory
