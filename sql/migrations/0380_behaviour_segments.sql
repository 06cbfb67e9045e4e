-- Ways in which wallets behave, found without labels, as they were on each day that was looked at.
CREATE TABLE IF NOT EXISTS behaviour_segments
(
    chain_id UInt64 COMMENT 'EIP-155 chain id',
    window_days UInt16 COMMENT 'Days looked at, the named day the last of them',
    day Date COMMENT 'Last day looked at, UTC',
    segment_id UInt64 COMMENT 'Number that stays: days from 1970 to the day that founded it, times 1000, and a place; 0 is barely-seen, addresses with too few acts to say anything',
    segment LowCardinality(String) COMMENT 'Name that stays, by what distinguished the segment when it was first found, never by labels',
    about String COMMENT 'The same in a sentence',
    fit_day Date COMMENT 'Day whose addresses the centres were fitted to',
    centre Array(Float64) COMMENT 'Centre, one number a trait in the order of graph/segments/traits.py, after the trait''s transform; empty for barely-seen',
    radius Float64 COMMENT 'Distance, in spreads, within which all but the farthest of its members were when it was found',
    address_count UInt64 COMMENT 'Addresses in it that day',
    address_share Float64 COMMENT 'Share of the day''s addresses, 0 to 1',
    outsider_count UInt64 COMMENT 'Members farther than one and a quarter radii: they are like nothing that was known',
    centre_shift Float64 COMMENT 'From the centre to the mean of the day''s members, in spreads: how far the segment has drifted',
    medians Array(Float64) COMMENT 'Median of its members for each trait, in the trait''s own unit; NaN where undefined for most',
    differences Array(Float64) COMMENT 'Mean of its members less the mean of all others for each trait, in spreads',
    distinguishes Array(String) COMMENT 'What tells it from the others most clearly, as sentences, clearest first',
    as_of_block UInt64 COMMENT 'Highest block this row knows',
    computed_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC') COMMENT 'When it was computed',
    version UInt64 COMMENT 'Grows with every write; the highest wins',
    is_deleted UInt8 DEFAULT 0 COMMENT '1 withdraws the row'
)
ENGINE = ReplacingMergeTree(version, is_deleted)
ORDER BY (chain_id, window_days, day, segment_id)
COMMENT 'One row per day looked at and segment'
