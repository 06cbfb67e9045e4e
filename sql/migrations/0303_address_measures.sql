-- Where each address stands in the graph.
CREATE TABLE IF NOT EXISTS address_measures
(
    chain_id UInt64 COMMENT 'EIP-155 chain id',
    address_id UInt64 COMMENT 'Dense number of the address',
    address FixedString(20) COMMENT 'Address',
    in_degree UInt64 COMMENT 'Different givers',
    out_degree UInt64 COMMENT 'Different receivers',
    in_transfers UInt64 COMMENT 'Transfers received, fees apart',
    out_transfers UInt64 COMMENT 'Transfers given, fees apart',
    in_strength Float64 COMMENT 'Smallest units of the native coin received',
    out_strength Float64 COMMENT 'Smallest units of the native coin given',
    pagerank Float64 COMMENT 'PageRank with reset 0.15; sums to 1 over the graph',
    component UInt64 COMMENT 'Weakly connected component, named by its smallest address_id',
    strong_component UInt64 COMMENT 'Strongly connected component (everybody can reach everybody along edges), named by its smallest address_id',
    community UInt64 COMMENT 'Community by label propagation, named by the label that won',
    core UInt64 COMMENT 'Largest k such that the address is in a part of the graph whose every member has k neighbours in it',
    triangles UInt64 COMMENT 'Pairs of its neighbours that are neighbours, whatever the direction',
    clustering Float64 COMMENT 'Share of all pairs of its neighbours that are neighbours; 0 below two',
    cycles_2 UInt64 COMMENT 'Pairs a to b to a through this address',
    cycles_3 UInt64 COMMENT 'Directed triangles a to b to c to a through this address',
    shortcuts UInt64 COMMENT 'Feed-forward triangles a to b to c beside a to c through this address',
    neighbour_degree_mean Float64 COMMENT 'Mean number of neighbours that its neighbours have; 0 without any',
    neighbour_degree_max UInt64 COMMENT 'Largest number of neighbours that a neighbour has',
    two_hop_degree_mean Float64 COMMENT 'Mean number of neighbours over the ends of all walks of two steps',
    two_hop_degree_max UInt64 COMMENT 'Largest number of neighbours over the ends of all walks of two steps',
    returns_2 UInt64 COMMENT 'Own transfers that came back by 2 transfers in rising time within 3 days; 0 for hubs (at least 1,000 givers or 1,000 receivers), through which none is followed',
    returns_3 UInt64 COMMENT 'Own transfers that came back by 3 transfers, as returns_2',
    returns_4 UInt64 COMMENT 'Own transfers that came back by 4 transfers, as returns_2',
    engine LowCardinality(String) COMMENT 'spark or local',
    as_of_block UInt64 COMMENT 'Highest block this row knows',
    computed_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC') COMMENT 'When it was computed',
    version UInt64 COMMENT 'Grows with every write; the highest wins',
    is_deleted UInt8 DEFAULT 0 COMMENT '1 withdraws the row'
)
ENGINE = ReplacingMergeTree(version, is_deleted)
ORDER BY (chain_id, address_id)
COMMENT 'One row per address of the graph'
