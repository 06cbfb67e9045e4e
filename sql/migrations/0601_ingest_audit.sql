-- What was ingested, from where, with which proofs: written last, so its last block is the watermark.
CREATE TABLE IF NOT EXISTS ingest_audit
(
    chain_id UInt64 COMMENT 'EIP-155 chain id',
    from_block UInt64 COMMENT 'First block of the batch',
    to_block UInt64 COMMENT 'Last block of the batch',
    to_block_hash FixedString(32) COMMENT 'Hash of the last block; zeros where the source does not say',
    to_block_timestamp DateTime('UTC') COMMENT 'Time of the last block',
    source LowCardinality(String) COMMENT 'archive, rpc or tables',
    location String COMMENT 'Folder or node, without credentials',
    block_count UInt64 COMMENT 'Blocks',
    transaction_count UInt64 COMMENT 'Transactions',
    log_count UInt64 COMMENT 'Logs',
    trace_count UInt64 COMMENT 'Traces',
    transfer_count UInt64 COMMENT 'Transfers',
    proofs Array(LowCardinality(String)) COMMENT 'What was recomputed and agreed: block_hash, transactions_root, receipts_root',
    finality LowCardinality(String) COMMENT 'latest, safe or finalized',
    ingested_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC') COMMENT 'When',
    version UInt64 COMMENT 'Grows with every write; the highest wins',
    is_deleted UInt8 DEFAULT 0 COMMENT '1 withdraws the row'
)
ENGINE = ReplacingMergeTree(version, is_deleted)
ORDER BY (chain_id, from_block, to_block, source)
COMMENT 'One row per committed batch of blocks'
