-- Where each address stands in the graph.
CREATE TABLE IF NOT EXISTS address_measures
(
    chain_id UInt64 COMMENT 'EIP-155 chain id',
    address_id UInt64 COMMENT 'Dense number of the address',
    address FixedString(20) COMMENT 'Address',
    in_degree UInt64 COMMENT 'Different givers',
    out_degree UInt64 COMMENT 'Different receivers',
    pagerank Float64 COMMENT 'PageRank with reset 0.15; sums to 1 over the graph',
    component UInt64 COMMENT 'Weakly connected component, named by its smallest address_id',
    community UInt64 COMMENT 'Community by label propagation, named by the label that won',
    cycles_2 UInt64 COMMENT 'Pairs a to b to a through this address',
    cycles_3 UInt64 COMMENT 'Directed triangles a to b to c to a through this address',
    engine LowCardinality(String) COMMENT 'spark or local',
    as_of_block UInt64 COMMENT 'Highest block this row knows',
    computed_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC') COMMENT 'When it was computed',
    version UInt64 COMMENT 'Grows with every write; the highest wins',
    is_deleted UInt8 DEFAULT 0 COMMENT '1 withdraws the row'
)
ENGINE = ReplacingMergeTree(version, is_deleted)
ORDER BY (chain_id, address_id)
COMMENT 'One row per address of the graph'
