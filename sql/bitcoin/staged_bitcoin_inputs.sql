-- Inputs of the staged blocks, each with the output it spends as far as anybody knows; lives as long as one batch.
CREATE TEMPORARY TABLE staged_bitcoin_inputs
(
    block_number UInt64,
    block_hash FixedString(32),
    block_timestamp DateTime('UTC'),
    transaction_index UInt32,
    transaction_id FixedString(32),
    input_index UInt32,
    spent_transaction_id FixedString(32),
    spent_output_index UInt32,
    resolution LowCardinality(String),
    unresolved_reason LowCardinality(String),
    address String,
    script_type LowCardinality(String),
    script String,
    value Nullable(UInt64),
    sequence UInt32
)
ENGINE = Memory
