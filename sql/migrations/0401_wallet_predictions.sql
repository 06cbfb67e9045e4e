-- What the wallet models say, per address, before any policy turns it into a score. Channels stand side by side, never mixed:
-- a probability learnt from labels, and how unusual the address is, which needs none.
CREATE TABLE IF NOT EXISTS wallet_predictions
(
    chain_id      UInt64 COMMENT 'EIP-155 chain id',
    address       FixedString(20) COMMENT 'Address',
    probability   Nullable(Float64) COMMENT 'Calibrated probability of being illicit under the labelled accounts'' share of illicit ones; NULL when the model abstains',
    probability_low Nullable(Float64) COMMENT 'Lower end of its Venn-Abers interval: how little the calibration accounts know; NULL as probability',
    probability_high Nullable(Float64) COMMENT 'Upper end of that interval; NULL as probability',
    model_answer  LowCardinality(String) COMMENT 'benign, illicit, review (both remain possible), insufficient_evidence; unlike_listed in place of benign where the model knows nobody licit; empty without a model',
    abstained     LowCardinality(String) COMMENT 'Why there is no probability: no model, insufficient evidence; empty otherwise',
    is_elevated   UInt8 COMMENT '1 when the score reaches the threshold of the model',
    learnt_share  Nullable(Float64) COMMENT 'Share of illicit accounts among those the model learnt from, under which the probability holds; NULL without a model',
    negatives     LowCardinality(String) COMMENT 'What illicit accounts were learnt beside: licit ones, or unlabelled ones of which some are illicit, too; empty without a model',
    base_rate     Nullable(Float64) COMMENT 'Share of illicit ones among the chain''s addresses that nobody learnt from: the mix of both classes'' scores that fits theirs, or of all addresses as a model of unlabelled ones estimates it; NULL where it cannot be told',
    base_rate_low Nullable(Float64) COMMENT 'Lower end of its 95 % interval, or of a model of unlabelled ones the share that is listed; NULL as base_rate',
    base_rate_high Nullable(Float64) COMMENT 'Upper end of that interval, or of a model of unlabelled ones what nine in ten such estimates stay under; NULL as base_rate',
    base_rate_unknown LowCardinality(String) COMMENT 'Why base_rate cannot be told: no mix fits, too few addresses, no model; empty where it is told',
    base_rate_probability Nullable(Float64) COMMENT 'The probability if that share held; NULL as probability and as base_rate',
    log_odds      Nullable(Float64) COMMENT 'What the model says before calibration; NULL as probability',
    base_log_odds Nullable(Float64) COMMENT 'What every address starts from: with the contributions of all themes it adds up to log_odds; NULL as probability',
    contribution_themes Array(Tuple(theme String, contribution Float64)) COMMENT 'Signed contributions to the log-odds by theme, such as timing; of likely and of unusual addresses',
    contributions Array(Tuple(feature String, value Float64, contribution Float64)) COMMENT 'Strongest signed contributions to the log-odds by feature, strongest first; as contribution_themes',
    reasons       Array(String) COMMENT 'The same as sentences: value, unit, where it stands among the addresses of the chain',
    anomaly       Float64 COMMENT 'Unsupervised: share of addresses that are less unusual, 0 to 1',
    rarities      Array(Tuple(feature String, value Float64, rarity Float64)) COMMENT 'Of the most unusual addresses what is rarest about them: -log of the tail probability, rarest first',
    structure_anomaly Nullable(Float64) COMMENT 'Unsupervised: share of addresses whose place among payments a graph autoencoder rebuilds better, 0 to 1; NULL where it did not look',
    model_inputs  Array(Float32) COMMENT 'What the model read of a judged address: its features in the order of the manifest, then what words told each member; so that one address is explained at once',
    model_id      String COMMENT 'Model in the registry; empty when none',
    as_of_block   UInt64 COMMENT 'Highest block this row knows',
    computed_at   DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC') COMMENT 'When it was computed',
    version       UInt64 COMMENT 'Grows with every write; the highest wins',
    is_deleted    UInt8 DEFAULT 0 COMMENT '1 withdraws the row'
)
ENGINE = ReplacingMergeTree(version, is_deleted)
ORDER BY (chain_id, address)
SETTINGS index_granularity = 256
COMMENT 'One row per scored address: the latest prediction'
