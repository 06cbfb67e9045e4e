-- How near each address is to groups of labelled ones, along the way money goes.
CREATE TABLE IF NOT EXISTS address_proximity
(
    chain_id UInt64 COMMENT 'EIP-155 chain id',
    seed_group LowCardinality(String) COMMENT 'Whose money is followed: illicit, mixer or exchange, by labels that held when it was computed',
    address_id UInt64 COMMENT 'Dense number of the address',
    address FixedString(20) COMMENT 'Address',
    proximity Float64 COMMENT 'Personalised PageRank from the group with reset 0.15; sums to 1 over the graph; rows under 1e-9 are left out',
    engine LowCardinality(String) COMMENT 'spark or local',
    as_of_block UInt64 COMMENT 'Highest block this row knows',
    computed_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC') COMMENT 'When it was computed',
    version UInt64 COMMENT 'Grows with every write; the highest wins',
    is_deleted UInt8 DEFAULT 0 COMMENT '1 withdraws the row'
)
ENGINE = ReplacingMergeTree(version, is_deleted)
ORDER BY (chain_id, seed_group, address_id)
COMMENT 'One row per group of seeds and address it reaches'
