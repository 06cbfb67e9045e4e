-- What an audit found out about what was ingested.
CREATE TABLE IF NOT EXISTS ingest_checks
(
    chain_id UInt64 COMMENT 'EIP-155 chain id',
    check_name LowCardinality(String) COMMENT 'coverage, proofs, quarantine, doubt, authorizations, tables or balance',
    subject String COMMENT 'What was looked at: a range of blocks, a proof, a reason, a check in sql/checks, or account and token',
    from_block UInt64 COMMENT 'First block looked at',
    to_block UInt64 COMMENT 'Last block looked at, the as-of block of the audit',
    status LowCardinality(String) COMMENT 'ok; failed; explained where a balance differs for a known reason; unknown where it could not be told',
    expected String COMMENT 'What should be: a count, or an amount in smallest units; empty where nothing was expected',
    seen String COMMENT 'What is',
    detail String COMMENT 'In a sentence, for people; empty where there is nothing to add',
    checked_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC') COMMENT 'When',
    version UInt64 COMMENT 'Grows with every write; the highest wins',
    is_deleted UInt8 DEFAULT 0 COMMENT '1 withdraws the row'
)
ENGINE = ReplacingMergeTree(version, is_deleted)
ORDER BY (chain_id, check_name, subject, from_block, to_block)
COMMENT 'One row per thing that an audit looked at; a later audit of the same replaces it'
