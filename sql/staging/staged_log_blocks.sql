-- Hash and time of the blocks that staged logs are of; lives as long as one batch.
CREATE TEMPORARY TABLE staged_log_blocks
(
    hash String,
    timestamp String
)
ENGINE = Memory
