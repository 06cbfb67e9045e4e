-- Outputs of the staged blocks, decoded; lives as long as one batch.
CREATE TEMPORARY TABLE staged_bitcoin_outputs
(
    block_number UInt64,
    block_hash FixedString(32),
    block_timestamp DateTime('UTC'),
    transaction_index UInt32,
    transaction_id FixedString(32),
    output_index UInt32,
    address String,
    script_type LowCardinality(String),
    script String,
    value UInt64
)
ENGINE = Memory
