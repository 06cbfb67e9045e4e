-- Every run of a job: when, over what, how it ended.
CREATE TABLE IF NOT EXISTS runs
(
    run_id String COMMENT 'Unique',
    job LowCardinality(String) COMMENT 'Name in the table of jobs',
    idempotency_key String COMMENT 'Same key, same work',
    state LowCardinality(String) COMMENT 'running, succeeded, failed or skipped',
    started_at DateTime64(3, 'UTC') COMMENT 'Start',
    finished_at Nullable(DateTime64(3, 'UTC')) COMMENT 'End',
    chain_id UInt64 COMMENT 'Chain it worked on',
    as_of_block UInt64 COMMENT 'Highest block it knew',
    outcome String COMMENT 'One sentence, or the error',
    version UInt64 COMMENT 'Grows with every write; the highest wins',
    is_deleted UInt8 DEFAULT 0 COMMENT '1 withdraws the row'
)
ENGINE = ReplacingMergeTree(version, is_deleted)
ORDER BY (run_id)
COMMENT 'One row per run; later states replace earlier ones'
