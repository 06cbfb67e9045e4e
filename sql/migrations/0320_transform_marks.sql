-- How far each derived fact has got: which changes of the committed batches are in it, and by which text of its file.
CREATE TABLE IF NOT EXISTS transform_marks
(
    chain_id UInt64 COMMENT 'EIP-155 chain id',
    transform LowCardinality(String) COMMENT 'File in sql/transforms, without ending',
    checksum String COMMENT 'SHA-256 of the file that ran; empty: forgotten, to be run from the first block again',
    changes_version UInt64 COMMENT 'Highest version of ingest_audit that was looked at; newer rows of it are still to be derived',
    knowledge UInt64 COMMENT 'Fingerprint of the tables it reads that no batch of blocks tells of (tokens, labels); 0 without any',
    settings String COMMENT 'SHA-256 of what its file asks of the chain''s settings and of the taxonomy (wrapped coins, stablecoins, categories); empty where it asks nothing',
    whole_version UInt64 COMMENT 'Version of the mark of its last run over all blocks; what reads it follows when it is older',
    range_count UInt32 COMMENT 'Ranges of blocks that its last run went over',
    to_block UInt64 COMMENT 'Watermark at its last run',
    ran_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC') COMMENT 'When it ended',
    seconds Float64 COMMENT 'How long it took',
    version UInt64 COMMENT 'Grows with every write; the highest wins; the version of the rows that its last run wrote',
    is_deleted UInt8 DEFAULT 0 COMMENT '1 withdraws the row'
)
ENGINE = ReplacingMergeTree(version, is_deleted)
ORDER BY (chain_id, transform)
COMMENT 'One row per chain and transform; written after the last row of its run, so that a killed run is repeated'
