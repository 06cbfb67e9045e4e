-- Publications that rest on blocks which are no longer part of the chain.
CREATE TABLE IF NOT EXISTS retractions
(
    chain_id UInt64 COMMENT 'EIP-155 chain id',
    publication UInt64 COMMENT 'Publication whose scores, risk labels and recommendations no longer hold',
    as_of_block UInt64 COMMENT 'Highest block the publication knew',
    as_of_block_hash FixedString(32) COMMENT 'Hash of that block on the branch that was left',
    from_block UInt64 COMMENT 'Lowest block that was withdrawn',
    reason String COMMENT 'Why, as a sentence',
    retracted_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC') COMMENT 'When',
    version UInt64 COMMENT 'Grows with every write; the highest wins',
    is_deleted UInt8 DEFAULT 0 COMMENT '1 withdraws the row'
)
ENGINE = ReplacingMergeTree(version, is_deleted)
ORDER BY (chain_id, publication)
COMMENT 'One row per publication that was overtaken by a reorganisation; a new one has to replace it'
