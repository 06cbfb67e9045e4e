-- The score of every address with what each channel gave to it, per publication.
CREATE TABLE IF NOT EXISTS score_rows
(
    chain_id UInt64 COMMENT 'EIP-155 chain id',
    publication UInt64 COMMENT 'Publication it belongs to; the view scores shows the newest one only',
    address FixedString(20) COMMENT 'Address',
    score Float64 COMMENT 'Risk, 0 to 100; higher is riskier',
    grade LowCardinality(String) COMMENT 'Low, Medium, High or Severe',
    evidence LowCardinality(String) COMMENT 'sufficient, or insufficient: then the score rests on the lists alone',
    is_service UInt8 COMMENT '1 for exchanges, bridges, token contracts …: judged by lists and labels only',
    category LowCardinality(String) COMMENT 'Weightiest category that a list or label gives it; empty without any',
    probability Nullable(Float64) COMMENT 'Calibrated probability of being illicit; NULL when the model abstains',
    probability_low Nullable(Float64) COMMENT 'Lower end of its Venn-Abers interval; NULL as probability',
    probability_high Nullable(Float64) COMMENT 'Upper end of its Venn-Abers interval; NULL as probability',
    model_answer LowCardinality(String) COMMENT 'benign, illicit, review (both remain possible), insufficient_evidence; unlike_listed in place of benign where the model knows nobody licit; empty without a model',
    base_rate_probability Nullable(Float64) COMMENT 'The probability if illicit addresses were as rare as estimated for the chain; NULL as probability, and where that cannot be told',
    is_predicted UInt8 COMMENT '1 when the models have looked at it',
    anomaly Float64 COMMENT 'Unsupervised: share of addresses that are less unusual, 0 to 1; 0 when it was not predicted',
    structure_anomaly Nullable(Float64) COMMENT 'Unsupervised: share of addresses whose place among payments is less unusual, 0 to 1; NULL where nobody looked',
    list_channel Float64 COMMENT '1 when it is on a sanctions list, else 0',
    label_channel Float64 COMMENT 'Weight of the gravest label, 0 to 1',
    exposure_channel Float64 COMMENT 'Weight of all exposures together, 0 to 1',
    typology_channel Float64 COMMENT 'Weight of all typology findings together, 0 to 1',
    supervised_channel Float64 COMMENT 'Weight of the calibrated probability, 0 to 1',
    anomaly_channel Float64 COMMENT 'Weight of the anomaly, 0 to 1',
    reasons Array(String) COMMENT 'The weightiest statements, first the weightiest, as sentences with figures and sources',
    model_id String COMMENT 'Model in the registry; empty when none',
    as_of_block UInt64 COMMENT 'Highest block this row knows',
    as_of_block_hash FixedString(32) COMMENT 'Hash of that block; zeros where the source does not say',
    computed_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC') COMMENT 'When it was computed'
)
ENGINE = MergeTree
PARTITION BY (chain_id, publication)
ORDER BY (chain_id, address, publication)
COMMENT 'One row per publication and address of the chain, listed addresses included'
