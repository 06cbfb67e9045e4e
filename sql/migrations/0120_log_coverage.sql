-- Which blocks were searched for which logs: what `filtered_logs` does not have there is not on the chain.
CREATE TABLE IF NOT EXISTS log_coverage
(
    chain_id UInt64 COMMENT 'EIP-155 chain id',
    filter String COMMENT 'What was searched for, as JSON: {"address": [...], "topics": [...]}, sorted; empty lists mean any',
    from_block UInt64 COMMENT 'First block searched',
    to_block UInt64 COMMENT 'Last block searched',
    to_block_hash FixedString(32) COMMENT 'Hash of the last block',
    location String COMMENT 'Node, without credentials',
    log_count UInt64 COMMENT 'Logs found',
    receipts_count UInt64 COMMENT 'Blocks whose receipts were read because their bloom says more than the answer did',
    finality LowCardinality(String) COMMENT 'finalized, or latest: then the range is searched again next time',
    searched_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC') COMMENT 'When',
    version UInt64 COMMENT 'Grows with every write; the highest wins',
    is_deleted UInt8 DEFAULT 0 COMMENT '1 withdraws the row'
)
ENGINE = ReplacingMergeTree(version, is_deleted)
ORDER BY (chain_id, filter, from_block, to_block)
COMMENT 'One row per range of blocks searched for logs; no watermark, for the blocks themselves are not here'
