-- Lines of label files that could not be read, as they are, so that nothing of a file is lost.
CREATE TABLE IF NOT EXISTS label_rejects
(
    file_sha256 LowCardinality(String) COMMENT 'SHA-256 of the file, hexadecimal',
    line UInt64 COMMENT 'Line of the file on which the row or tag ends or begins',
    file LowCardinality(String) COMMENT 'Name of the file',
    reason LowCardinality(String) COMMENT 'Why it was left out, without the value: is not an address …',
    text String COMMENT 'The row as JSON, at most 4,096 characters',
    rejected_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC') COMMENT 'When',
    version UInt64 COMMENT 'Grows with every write; the highest wins',
    is_deleted UInt8 DEFAULT 0 COMMENT '1 withdraws the row'
)
ENGINE = ReplacingMergeTree(version, is_deleted)
ORDER BY (file_sha256, line, text)
COMMENT 'One row per line that was left out'
