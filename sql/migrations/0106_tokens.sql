-- What is known of token contracts.
CREATE TABLE IF NOT EXISTS tokens
(
    chain_id UInt64 COMMENT 'EIP-155 chain id',
    token_address FixedString(20) COMMENT 'Contract; zeros for the native coin',
    symbol String COMMENT 'Symbol as stated by its source',
    name String COMMENT 'Name as stated by its source',
    decimals Nullable(UInt8) COMMENT 'Decimals; NULL when unknown',
    source LowCardinality(String) COMMENT 'Who says so',
    version UInt64 COMMENT 'Grows with every write; the highest wins',
    is_deleted UInt8 DEFAULT 0 COMMENT '1 withdraws the row'
)
ENGINE = ReplacingMergeTree(version, is_deleted)
ORDER BY (chain_id, token_address)
COMMENT 'One row per token'
