-- Working table of sql/features/21_neighbours.sql, gone when the store closes.
CREATE TEMPORARY TABLE feature_neighbours
(
    id UInt64,
    address_id UInt64,
    is_out UInt8
)
ENGINE = MergeTree
ORDER BY id
