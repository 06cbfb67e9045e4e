-- How far the features of each chain have got, so that new blocks cost the addresses they touch.
CREATE TABLE IF NOT EXISTS feature_marks
(
    chain_id UInt64 COMMENT 'EIP-155 chain id',
    checksum String COMMENT 'SHA-256 of the files and settings that made them; empty where they are of a part of the chain only, to be made anew',
    changes_version UInt64 COMMENT 'Highest version of ingest_audit that was looked at; newer rows of it are still to be described',
    to_block UInt64 COMMENT 'The block they are as of',
    address_count UInt64 COMMENT 'Addresses that the last run described anew',
    version UInt64 COMMENT 'Grows with every write; the highest wins',
    is_deleted UInt8 DEFAULT 0 COMMENT '1 withdraws the row'
)
ENGINE = ReplacingMergeTree(version, is_deleted)
ORDER BY chain_id
COMMENT 'One row per chain with features; written after their last row, so that a killed run is repeated'
