-- Shapes of payments around an address, in the order of time. NaN where it is undefined.
CREATE TABLE IF NOT EXISTS address_pattern_features
(
    chain_id UInt64 COMMENT 'EIP-155 chain id',
    address FixedString(20) COMMENT 'Address',
    in_fan_hour Float32 COMMENT 'Different givers within an hour; most at any time, number',
    in_fan_day Float32 COMMENT 'Different givers within a day; most at any time, number',
    in_fan_week Float32 COMMENT 'Different givers within seven days; most at any time, number',
    out_fan_hour Float32 COMMENT 'Different receivers within an hour; most at any time, number',
    out_fan_day Float32 COMMENT 'Different receivers within a day; most at any time, number',
    out_fan_week Float32 COMMENT 'Different receivers within seven days; most at any time, number',
    returns_within_day Float32 COMMENT 'Payments that their receiver answered with one back within a day; number',
    cycles_within_day Float32 COMMENT 'Paths of three payments within a day, in the order of time, that begin and end here; number, hub caps in models/features/patterns.py',
    scatter_gathers Float32 COMMENT 'Addresses that at least three of its receivers paid within seven days of having been paid; number',
    gather_scatters Float32 COMMENT 'Times that it took from at least three givers and then paid at least three receivers within a day; number',
    peel_chain_hops Float32 COMMENT 'Longest chain of payments from here on of which each passes on 60 to 98 percent of the one before within seven days; payments',
    consolidations Float32 COMMENT 'Payments of at least nine tenths of what came in since the one before, from at least three receipts; number',
    gone_within_hour_share Float32 COMMENT 'Native value received that left within an hour, first in first out; share',
    as_of_block UInt64 COMMENT 'Highest block of the build',
    computed_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC') COMMENT 'When it was computed',
    version UInt64 COMMENT 'Grows with every write; the highest wins',
    is_deleted UInt8 DEFAULT 0 COMMENT '1 withdraws the row'
)
ENGINE = ReplacingMergeTree(version, is_deleted)
ORDER BY (chain_id, address)
COMMENT 'One row per address with any: patterns of payments'
