-- Which models were trained, on what, how well they did; the files are in the registry folder.
CREATE TABLE IF NOT EXISTS models
(
    model_id    String COMMENT 'Kind and content hash: wallets-3f2a…',
    kind        LowCardinality(String) COMMENT 'wallets or flows',
    trained_at  DateTime64(3, 'UTC') COMMENT 'When',
    chain_id    UInt64 COMMENT 'Chain it was trained on',
    as_of_block UInt64 COMMENT 'Highest block it has seen',
    metrics     String COMMENT 'JSON: figures on the held-out split, baselines beside them',
    manifest    String COMMENT 'JSON: data hash, code commit, features, parameters, files with SHA-256',
    state       LowCardinality(String) COMMENT 'candidate, active or retired'
)
ENGINE = ReplacingMergeTree(trained_at)
ORDER BY model_id
COMMENT 'One row per trained model'
