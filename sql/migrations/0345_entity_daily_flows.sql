-- What came in to and went out of everybody whom labels name, by day and token.
CREATE TABLE IF NOT EXISTS entity_daily_flows
(
    chain_id UInt64 COMMENT 'EIP-155 chain id',
    day Date COMMENT 'Day, UTC',
    aspect LowCardinality(String) COMMENT 'service, conduct or kind, see address_actors; an address may have an actor in each, so sums run within one aspect',
    actor LowCardinality(String) COMMENT 'Who, see address_actors',
    category LowCardinality(String) COMMENT 'Category of the actor''s address that gave or received',
    token_address FixedString(20) COMMENT 'Token contract; zeros for the native coin',
    inflow_count UInt64 COMMENT 'Transfers that came in from somebody else',
    inflow_amount UInt256 COMMENT 'Smallest units that came in',
    outflow_count UInt64 COMMENT 'Transfers that went out to somebody else',
    outflow_amount UInt256 COMMENT 'Smallest units that went out',
    net_amount Int256 COMMENT 'In less out, smallest units',
    left_out_count UInt64 COMMENT 'Transfers left out of the amounts because nothing can be that much (amount_overflow)',
    as_of_block UInt64 COMMENT 'Highest block of the day in which one of these transfers was',
    computed_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC') COMMENT 'When it was computed, with the labels known then',
    version UInt64 COMMENT 'Grows with every write; the highest wins',
    is_deleted UInt8 DEFAULT 0 COMMENT '1 withdraws the row'
)
ENGINE = ReplacingMergeTree(version, is_deleted)
PARTITION BY chain_id
ORDER BY (chain_id, day, aspect, actor, category, token_address)
COMMENT 'One row per day, labelled actor, category of its address and token'
