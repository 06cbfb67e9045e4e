-- What the wallet models say, per address, before any policy turns it into a score.
CREATE TABLE IF NOT EXISTS wallet_predictions
(
    chain_id      UInt64 COMMENT 'EIP-155 chain id',
    address       FixedString(20) COMMENT 'Address',
    probability   Nullable(Float64) COMMENT 'Calibrated probability of being illicit; NULL when the model abstains',
    abstained     LowCardinality(String) COMMENT 'Why there is no probability: no model, too little evidence; empty otherwise',
    anomaly       Float64 COMMENT 'Unsupervised: share of addresses that are less unusual, 0 to 1',
    contributions Array(Tuple(feature String, value Float64, contribution Float64)) COMMENT 'Strongest signed contributions to the log-odds, strongest first',
    model_id      String COMMENT 'Model in the registry; empty when none',
    as_of_block   UInt64 COMMENT 'Highest block this row knows',
    computed_at   DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC') COMMENT 'When it was computed',
    version       UInt64 COMMENT 'Grows with every write; the highest wins',
    is_deleted    UInt8 DEFAULT 0 COMMENT '1 withdraws the row'
)
ENGINE = ReplacingMergeTree(version, is_deleted)
ORDER BY (chain_id, address)
COMMENT 'One row per scored address: the latest prediction'
