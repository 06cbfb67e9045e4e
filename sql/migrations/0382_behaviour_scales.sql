-- Against what behaviour is measured: middle and spread of each trait on the day when segments were fitted.
CREATE TABLE IF NOT EXISTS behaviour_scales
(
    chain_id UInt64 COMMENT 'EIP-155 chain id',
    window_days UInt16 COMMENT 'Days looked at',
    fit_day Date COMMENT 'Day whose addresses it was taken from, UTC',
    trait LowCardinality(String) COMMENT 'Name of the trait, see graph/segments/traits.py',
    place UInt16 COMMENT 'Place of the trait in the arrays of behaviour_segments, from 0',
    middle Float64 COMMENT 'Median after the trait''s transform; stands in where a trait is undefined',
    spread Float64 COMMENT 'Standard deviation after the transform, never below a tenth',
    as_of_block UInt64 COMMENT 'Highest block this row knows',
    computed_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC') COMMENT 'When it was computed',
    version UInt64 COMMENT 'Grows with every write; the highest wins',
    is_deleted UInt8 DEFAULT 0 COMMENT '1 withdraws the row'
)
ENGINE = ReplacingMergeTree(version, is_deleted)
ORDER BY (chain_id, window_days, fit_day, trait)
COMMENT 'One row per day of fitting and trait'
