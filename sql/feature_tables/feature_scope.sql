-- Working table of models/features/build.py: the addresses to describe anew, gone when the store closes.
CREATE TEMPORARY TABLE feature_scope
(
    address FixedString(20)
)
ENGINE = MergeTree
ORDER BY address
