-- Who may ask the service what; the keys themselves are not here.
CREATE TABLE IF NOT EXISTS api_keys
(
    prefix String COMMENT 'First characters of the key, by which people name it',
    key_hash FixedString(32) COMMENT 'SHA-256 of the whole key',
    scope LowCardinality(String) COMMENT 'risk, analyst, feed or admin',
    note String COMMENT 'Whom it was given to',
    created_at DateTime64(3, 'UTC') COMMENT 'When it was made',
    expires_at Nullable(DateTime64(3, 'UTC')) COMMENT 'When it stops working; NULL means never',
    revoked_at Nullable(DateTime64(3, 'UTC')) COMMENT 'When it was taken back; NULL means it was not',
    version UInt64 COMMENT 'Grows with every write; the highest wins',
    is_deleted UInt8 DEFAULT 0 COMMENT '1 withdraws the row'
)
ENGINE = ReplacingMergeTree(version, is_deleted)
ORDER BY prefix
COMMENT 'One row per API key'
