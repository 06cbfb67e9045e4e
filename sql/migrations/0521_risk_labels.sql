-- The risk labels of each chain's newest publication.
CREATE VIEW IF NOT EXISTS risk_labels
(
    chain_id UInt64 COMMENT 'EIP-155 chain id',
    publication UInt64 COMMENT 'Publication it belongs to',
    address FixedString(20) COMMENT 'Address',
    channel LowCardinality(String) COMMENT 'list, label, exposure, typology or model',
    risk_label LowCardinality(String) COMMENT 'sanctioned, phishing, exposure_mixer, structuring, suspected_illicit …; exchange, dex … for services',
    is_service UInt8 COMMENT '1 when the label says that many people share the address',
    weight Float64 COMMENT 'What the policy makes of it, 0 to 1; 0 for labels that only say who it is',
    name String COMMENT 'Name on the list or in the label; empty for what was computed',
    source LowCardinality(String) COMMENT 'Who says so: ofac, etherscan …, or the detector or model',
    sentence String COMMENT 'The statement in one sentence, with figures and source',
    as_of_block UInt64 COMMENT 'Highest block this row knows',
    as_of_block_hash FixedString(32) COMMENT 'Hash of that block; zeros where the source does not say',
    computed_at DateTime64(3, 'UTC') COMMENT 'When it was computed'
)
AS SELECT
    chain_id,
    publication,
    address,
    channel,
    risk_label,
    is_service,
    weight,
    name,
    source,
    sentence,
    as_of_block,
    as_of_block_hash,
    computed_at
FROM risk_label_rows
WHERE (chain_id, publication) IN (SELECT chain_id, max(publication) FROM publications GROUP BY chain_id)
COMMENT 'One row per address and statement; a publication appears whole or not at all'
