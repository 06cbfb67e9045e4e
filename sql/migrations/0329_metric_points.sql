-- Series of numbers for models and charts, in long form: one metric, one dimension, one hour or day, one value.
CREATE TABLE IF NOT EXISTS metric_points
(
    chain_id UInt64 COMMENT 'EIP-155 chain id',
    metric LowCardinality(String) COMMENT 'What was measured: transaction_count, failed_transaction_count, gas_used, gas_price_mean, gas_price_median, native_amount, transfer_count, active_address_count, new_address_count, fee_amount, burnt_amount, token_transfer_count, token_transfer_amount, token_active_holder_count',
    dimension String COMMENT 'Of what: a token as 0x…; empty for the whole chain',
    bucket LowCardinality(String) COMMENT 'hour or day',
    bucket_start DateTime('UTC') CODEC(Delta, ZSTD) COMMENT 'Start of the hour or day; one in which nothing happened has no row and stands for 0, of a price for unknown',
    value Float64 CODEC(Gorilla, ZSTD) COMMENT 'Counts; coins for native_amount, fee_amount and burnt_amount (10^18 wei); gwei for gas_price_mean and gas_price_median; smallest units for token_transfer_amount. A float, for models: exact integers stand in the daily facts',
    as_of_block UInt64 COMMENT 'Highest block in the row',
    version UInt64 COMMENT 'Grows with every write; the highest wins',
    is_deleted UInt8 DEFAULT 0 COMMENT '1 withdraws the row'
)
ENGINE = ReplacingMergeTree(version, is_deleted)
ORDER BY (chain_id, metric, bucket, dimension, bucket_start)
COMMENT 'One row per metric, dimension and hour or day'
