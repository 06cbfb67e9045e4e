-- What is being written or withdrawn right now: a row stands open from before the first change until after the last one.
CREATE TABLE IF NOT EXISTS ingest_intents
(
    chain_id UInt64 COMMENT 'EIP-155 chain id',
    intent UInt64 COMMENT 'Number of the intent, unique on its chain; grows with time',
    kind LowCardinality(String) COMMENT 'write: a batch is being committed; withdraw: blocks are being taken back',
    from_block UInt64 COMMENT 'First block it touches',
    to_block UInt64 COMMENT 'Last block it touches; 18446744073709551615 for all that follow',
    writer String COMMENT 'Host, process and its start: who may still be at it',
    opened_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC') COMMENT 'When it was opened',
    version UInt64 COMMENT 'Grows with every write; the highest wins',
    is_deleted UInt8 DEFAULT 0 COMMENT '1 closes the intent'
)
ENGINE = ReplacingMergeTree(version, is_deleted)
ORDER BY (chain_id, intent)
COMMENT 'One row per change that was begun and not ended; what is here after a crash has to be mended'
