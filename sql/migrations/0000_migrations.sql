-- Which migrations this store has seen.
CREATE TABLE IF NOT EXISTS migrations
(
    name       String COMMENT 'Folder and file of the migration',
    checksum   String COMMENT 'SHA-256 of its text when it was applied',
    applied_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC') COMMENT 'When it was applied'
)
ENGINE = ReplacingMergeTree(applied_at)
ORDER BY name
COMMENT 'One row per applied migration'
