-- Inputs of the staged blocks, decoded, with what the node says of the outputs they spend; lives as long as one batch.
CREATE TEMPORARY TABLE staged_bitcoin_spends
(
    block_number UInt64,
    block_hash FixedString(32),
    block_timestamp DateTime('UTC'),
    transaction_index UInt32,
    transaction_id FixedString(32),
    input_index UInt32,
    is_coinbase UInt8,
    spent_transaction_id FixedString(32),
    spent_output_index UInt32,
    sequence UInt32,
    stated_height Nullable(UInt64),
    stated_value Nullable(UInt64),
    stated_script String,
    stated_script_type LowCardinality(String),
    stated_address String
)
ENGINE = Memory
