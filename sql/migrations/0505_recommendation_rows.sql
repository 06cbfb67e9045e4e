-- What to do about whom, why and until when, per publication.
CREATE TABLE IF NOT EXISTS recommendation_rows
(
    chain_id UInt64 COMMENT 'EIP-155 chain id',
    publication UInt64 COMMENT 'Publication it belongs to; the view recommendations shows the newest one only',
    position UInt32 COMMENT 'Place in the publication, from 1; first by priority, then by score',
    recommendation_id String COMMENT 'The same advice about the same address keeps its id from publication to publication',
    address FixedString(20) COMMENT 'Whom it is about',
    role LowCardinality(String) COMMENT 'subject: its own grade says so; counterparty: it dealt with somebody grave',
    action LowCardinality(String) COMMENT 'freeze_and_report, block, enhanced_due_diligence, review or monitor',
    priority UInt8 COMMENT '1 is the most urgent',
    score Float64 COMMENT 'Risk, 0 to 100; higher is riskier',
    grade LowCardinality(String) COMMENT 'Low, Medium, High or Severe',
    reasons Array(String) COMMENT 'Why, first the weightiest, as sentences with figures and sources',
    valid_from DateTime('UTC') COMMENT 'When it was decided',
    valid_until DateTime('UTC') COMMENT 'Until when it holds; afterwards ask again',
    as_of_block UInt64 COMMENT 'Highest block this row knows',
    as_of_block_hash FixedString(32) COMMENT 'Hash of that block; zeros where the source does not say',
    computed_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC') COMMENT 'When it was computed'
)
ENGINE = MergeTree
PARTITION BY (chain_id, publication)
ORDER BY (chain_id, address, publication, role)
COMMENT 'One row per publication, address and role'
