-- Groups of addresses that one owner seems to control; an address without a group stands for itself and has no row.
CREATE TABLE IF NOT EXISTS entities
(
    chain_id UInt64 COMMENT 'EIP-155 chain id',
    entity_id String COMMENT '0x… of the address of the entity that was on the chain first: the name stays while the entity grows',
    owner String COMMENT 'Whom labels name as the owner of its addresses, as address_actors writes it; empty where none does',
    category LowCardinality(String) COMMENT 'Category of that owner''s label; empty where none is',
    address_count UInt64 COMMENT 'Addresses in it, at least 2',
    hard_link_count UInt64 COMMENT 'Links of hard heuristics that hold it together',
    soft_link_count UInt64 COMMENT 'Links by score that hold it together',
    refused_link_count UInt64 COMMENT 'Links to or inside it that labels contradict or that would have made it too large',
    weakest_probability Float64 COMMENT 'Lowest probability of same ownership among the links that hold it together; 1 where all are hard',
    alarm String COMMENT 'Why it may be a super-cluster, in a sentence; empty for none',
    as_of_block UInt64 COMMENT 'Highest block this row knows',
    computed_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC') COMMENT 'When it was computed',
    version UInt64 COMMENT 'Grows with every write; the highest wins',
    is_deleted UInt8 DEFAULT 0 COMMENT '1 withdraws the row'
)
ENGINE = ReplacingMergeTree(version, is_deleted)
ORDER BY (chain_id, entity_id)
COMMENT 'One row per entity of two addresses or more'
