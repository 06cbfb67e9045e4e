-- Working table of sql/features/02_lives.sql, gone when the store closes.
CREATE TEMPORARY TABLE feature_lives
(
    address FixedString(20),
    first_at UInt32
)
ENGINE = MergeTree
ORDER BY address
