-- Logs found by a filter, of blocks that need not be in the store. Kept apart from `logs`, which has whole blocks or nothing:
-- transfers, checks and graphs may rely on that.
CREATE TABLE IF NOT EXISTS filtered_logs
(
    chain_id UInt64 COMMENT 'EIP-155 chain id',
    filter LowCardinality(String) COMMENT 'What was searched for, as in log_coverage',
    block_number UInt64 CODEC(Delta, ZSTD) COMMENT 'Height',
    block_hash FixedString(32) COMMENT 'Hash of the block',
    block_timestamp DateTime('UTC') CODEC(Delta, ZSTD) COMMENT 'Time of the block',
    transaction_index UInt32 COMMENT 'Position of the transaction in the block',
    transaction_hash FixedString(32) COMMENT 'Transaction that emitted it',
    log_index UInt32 COMMENT 'Position in the block',
    address FixedString(20) COMMENT 'Contract that emitted it',
    topics Array(FixedString(32)) COMMENT 'Indexed words; the first is the event signature',
    data String COMMENT 'Bytes that are not indexed',
    version UInt64 COMMENT 'Grows with every write; the highest wins',
    is_deleted UInt8 DEFAULT 0 COMMENT '1 withdraws the row'
)
ENGINE = ReplacingMergeTree(version, is_deleted)
PARTITION BY chain_id
ORDER BY (chain_id, filter, block_number, log_index)
COMMENT 'One row per filter and event log that it found'
