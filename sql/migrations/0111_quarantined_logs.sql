-- Events that look like a transfer and are none that can be believed, with the reason.
CREATE TABLE IF NOT EXISTS quarantined_logs
(
    chain_id UInt64 COMMENT 'EIP-155 chain id',
    block_number UInt64 CODEC(Delta, ZSTD) COMMENT 'Height',
    block_hash FixedString(32) COMMENT 'Hash of the block; zeros where the source does not say',
    block_timestamp DateTime('UTC') CODEC(Delta, ZSTD) COMMENT 'Time of the block',
    transaction_index UInt32 COMMENT 'Position of the transaction in the block',
    transaction_hash FixedString(32) COMMENT 'Transaction that emitted it',
    log_index UInt32 COMMENT 'Position in the block',
    address FixedString(20) COMMENT 'Contract that emitted it',
    event LowCardinality(String) COMMENT 'Transfer, TransferSingle, TransferBatch, Deposit or Withdrawal, by its first topic',
    reason LowCardinality(String) COMMENT 'other_shape, dirty_address, out_of_bounds, unaligned_array, overlapping_arrays, unequal_arrays, empty_batch or said_twice',
    sentence String COMMENT 'The reason for people',
    version UInt64 COMMENT 'Grows with every write; the highest wins',
    is_deleted UInt8 DEFAULT 0 COMMENT '1 withdraws the row'
)
ENGINE = ReplacingMergeTree(version, is_deleted)
PARTITION BY (chain_id, intDiv(block_number, 1000000))
ORDER BY (chain_id, block_number, log_index)
COMMENT 'One row per event log that looks like a transfer and became none'
