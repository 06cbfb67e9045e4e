-- Which addresses, pairs and tokens lost transfers and were not derived anew yet.
CREATE TABLE IF NOT EXISTS dirty_keys
(
    chain_id UInt64 COMMENT 'EIP-155 chain id',
    kind LowCardinality(String) COMMENT 'address, pair (giver, then receiver) or token',
    key String COMMENT 'Bytes of the address, of both addresses, or of the token contract',
    since_block UInt64 COMMENT 'Lowest withdrawn block in which the key had a transfer',
    version UInt64 COMMENT 'Grows with every write; the highest wins',
    is_deleted UInt8 DEFAULT 0 COMMENT '1: derived anew'
)
ENGINE = ReplacingMergeTree(version, is_deleted)
ORDER BY (chain_id, kind, key, since_block)
COMMENT 'One row per key and withdrawal whose derived rows are out of date; written before the transfers go'
