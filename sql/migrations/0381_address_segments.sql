-- In which segment each address was on each day that was looked at: its history is one range of the key.
CREATE TABLE IF NOT EXISTS address_segments
(
    chain_id UInt64 COMMENT 'EIP-155 chain id',
    address FixedString(20) COMMENT 'Address that did something in the window',
    window_days UInt16 COMMENT 'Days looked at, the named day the last of them',
    day Date COMMENT 'Last day looked at, UTC',
    segment_id UInt64 COMMENT 'Number of the segment, see behaviour_segments',
    segment LowCardinality(String) COMMENT 'Its name',
    distance Float64 COMMENT 'From the centre, in spreads; 0 for barely-seen',
    clearness Float64 COMMENT '1 less the distance to its centre over the distance to the next one: 0 between two, 1 beyond doubt',
    is_outsider UInt8 COMMENT '1 when it is farther from its centre than one and a quarter radii',
    as_of_block UInt64 COMMENT 'Highest block this row knows',
    computed_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC') COMMENT 'When it was computed',
    version UInt64 COMMENT 'Grows with every write; the highest wins',
    is_deleted UInt8 DEFAULT 0 COMMENT '1 withdraws the row'
)
ENGINE = ReplacingMergeTree(version, is_deleted)
PARTITION BY (chain_id, toYear(day))
ORDER BY (chain_id, address, window_days, day)
COMMENT 'One row per address and day looked at'
