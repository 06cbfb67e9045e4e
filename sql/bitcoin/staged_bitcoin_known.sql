-- Outputs that inputs of the batch spend, from transactions that hash to their id; lives as long as one batch.
CREATE TEMPORARY TABLE staged_bitcoin_known
(
    transaction_id FixedString(32),
    output_index UInt32,
    address String,
    script_type LowCardinality(String),
    script String,
    value UInt64
)
ENGINE = Memory
