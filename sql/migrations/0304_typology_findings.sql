-- What the named detectors found: one suspicious behaviour of one address, with its evidence.
CREATE TABLE IF NOT EXISTS typology_findings
(
    chain_id    UInt64 COMMENT 'EIP-155 chain id',
    address     FixedString(20) COMMENT 'Address that shows the behaviour',
    typology    LowCardinality(String) COMMENT 'Name of the detector: structuring, peel_chain, wash_trading …',
    role        LowCardinality(String) COMMENT 'Part it plays: actor, victim, hop, collector …',
    strength    Float64 COMMENT 'How clear the pattern is, 0 to 1; not a probability',
    severity    Float64 COMMENT 'How grave the behaviour is by default, 0 to 1; 0 for roles without blame (victim, deposit)',
    fatf_group  LowCardinality(String) COMMENT 'Group of the FATF''s Virtual Assets Red Flag Indicators (2020) it belongs to; empty for none',
    sentence    String COMMENT 'What was seen, in one sentence with figures',
    evidence    Array(FixedString(32)) COMMENT 'Transactions that show it, at most 30',
    as_of_block UInt64 COMMENT 'Highest block this row knows',
    computed_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC') COMMENT 'When it was computed',
    version     UInt64 COMMENT 'Grows with every write; the highest wins',
    is_deleted  UInt8 DEFAULT 0 COMMENT '1 withdraws the row'
)
ENGINE = ReplacingMergeTree(version, is_deleted)
ORDER BY (chain_id, address, typology, role)
COMMENT 'One row per address, typology and role'
