-- Where the sources of each chain were when they were last asked.
CREATE TABLE IF NOT EXISTS chain_heads
(
    chain_id UInt64 COMMENT 'EIP-155 chain id',
    latest_block UInt64 COMMENT 'Newest block of the source; the store may lag behind it',
    safe_block UInt64 COMMENT 'Highest block that only an attack could undo',
    safe_block_hash FixedString(32) COMMENT 'Hash of that block in the store; zeros where it is not stored',
    finalized_block UInt64 COMMENT 'Highest block that nothing undoes any more; never falls',
    finalized_block_hash FixedString(32) COMMENT 'Hash of that block in the store; zeros where it is not stored',
    observed_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC') COMMENT 'When the source said so',
    version UInt64 COMMENT 'Grows with every write; the highest wins',
    is_deleted UInt8 DEFAULT 0 COMMENT '1 withdraws the row'
)
ENGINE = ReplacingMergeTree(version, is_deleted)
ORDER BY chain_id
COMMENT 'One row per chain'
