-- What was published when, from which inputs: the row is written last, and only then are its scores visible.
CREATE TABLE IF NOT EXISTS publications
(
    chain_id UInt64 COMMENT 'EIP-155 chain id',
    publication UInt64 COMMENT 'Number of the publication on its chain, from 1; numbers of abandoned attempts are left out',
    content_key String COMMENT 'SHA-256 over all inputs: as-of block, labels, lists, findings, predictions, edges, policy',
    policy_hash String COMMENT 'SHA-256 of the policy',
    policy String COMMENT 'JSON: the policy itself, so that a decision can be repeated',
    label_set_version String COMMENT 'Fingerprint of the labels and list entries that held',
    model_ids Array(String) COMMENT 'Models whose predictions went in',
    as_of_block UInt64 COMMENT 'Highest block this row knows',
    as_of_block_hash FixedString(32) COMMENT 'Hash of that block; zeros where the source does not say',
    as_of_timestamp DateTime('UTC') COMMENT 'Time of that block',
    finality LowCardinality(String) COMMENT 'latest, safe or finalized',
    score_count UInt64 COMMENT 'Scores in it',
    exposure_count UInt64 COMMENT 'Exposures in it',
    risk_label_count UInt64 COMMENT 'Risk labels in it',
    recommendation_count UInt64 COMMENT 'Recommendations in it',
    published_at DateTime64(3, 'UTC') COMMENT 'When it was decided; labels and lists are those that held then',
    rows_kept UInt8 DEFAULT 1 COMMENT '0 once its rows were pruned; this record stays',
    version UInt64 COMMENT 'Grows with every write; the highest wins',
    is_deleted UInt8 DEFAULT 0 COMMENT '1 withdraws the row'
)
ENGINE = ReplacingMergeTree(version, is_deleted)
ORDER BY (chain_id, publication)
COMMENT 'One row per publication: the atomic switch'
