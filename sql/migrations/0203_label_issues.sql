-- The issues of each source of labels, in the order in which they were imported: written last, so a row means the issue is whole.
CREATE TABLE IF NOT EXISTS label_issues
(
    source LowCardinality(String) COMMENT 'Who says so, as in labels.source',
    issue UInt32 COMMENT 'Number of the issue: 1 for the first import, one more for each import that changed something',
    files Array(String) COMMENT 'Names of the files it was read from',
    file_sha256s Array(String) COMMENT 'SHA-256 of each of them, hexadecimal',
    statement_count UInt64 COMMENT 'Statements in it',
    address_count UInt64 COMMENT 'Addresses it speaks of',
    added UInt64 COMMENT 'Statements that the issue before did not make',
    dropped UInt64 COMMENT 'Statements of the issue before that it no longer makes',
    fingerprint UInt64 COMMENT 'Hash over all its statements: equal for equal content',
    imported_at DateTime64(3, 'UTC') COMMENT 'When this store learned it',
    version UInt64 COMMENT 'Grows with every write; the highest wins',
    is_deleted UInt8 DEFAULT 0 COMMENT '1 withdraws the row'
)
ENGINE = ReplacingMergeTree(version, is_deleted)
ORDER BY (source, issue)
COMMENT 'One row per imported issue of a source of labels'
