-- Event logs as emitted.
CREATE TABLE IF NOT EXISTS logs
(
    chain_id UInt64 COMMENT 'EIP-155 chain id',
    block_number UInt64 CODEC(Delta, ZSTD) COMMENT 'Height',
    block_hash FixedString(32) COMMENT 'Hash of the block; zeros where the source does not say',
    block_timestamp DateTime('UTC') CODEC(Delta, ZSTD) COMMENT 'Time of the block',
    transaction_index UInt32 COMMENT 'Position of the transaction in the block',
    transaction_hash FixedString(32) COMMENT 'Transaction that emitted it',
    log_index UInt32 COMMENT 'Position in the block',
    address FixedString(20) COMMENT 'Contract that emitted it',
    topics Array(FixedString(32)) COMMENT 'Indexed words; the first is the event signature',
    data String COMMENT 'Bytes that are not indexed',
    finality String ALIAS multiIf(
        block_number <= joinGet('chain_finality', 'finalized_block', chain_id), 'finalized',
        block_number <= joinGet('chain_finality', 'safe_block', chain_id), 'safe',
        'latest'
    ) COMMENT 'latest, safe or finalized, as known now; name it to see it, * leaves it out',
    version UInt64 COMMENT 'Grows with every write; the highest wins',
    is_deleted UInt8 DEFAULT 0 COMMENT '1 withdraws the row',
    INDEX address_bloom address TYPE bloom_filter(0.01) GRANULARITY 1
)
ENGINE = ReplacingMergeTree(version, is_deleted)
PARTITION BY (chain_id, intDiv(block_number, 1000000))
ORDER BY (chain_id, block_number, log_index)
COMMENT 'One row per event log'
