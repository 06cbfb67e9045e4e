-- The newest run of each detector: with which parameters, up to which block, and what it left out.
CREATE TABLE IF NOT EXISTS typology_runs
(
    chain_id      UInt64 COMMENT 'EIP-155 chain id',
    typology      LowCardinality(String) COMMENT 'Name of the detector',
    parameters    String COMMENT 'Its parameters and those of the working tables it shares, as JSON',
    address_count UInt64 COMMENT 'Addresses it found, in whatever role',
    hub_count     UInt64 COMMENT 'Addresses that no path was followed through, because they deal with more than hub_counterparties others',
    run_seconds   Float64 COMMENT 'How long it took, without the shared working tables',
    as_of_block   UInt64 COMMENT 'Highest block it knew',
    computed_at   DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC') COMMENT 'When it ran',
    version       UInt64 COMMENT 'Grows with every write; the highest wins',
    is_deleted    UInt8 DEFAULT 0 COMMENT '1 withdraws the row'
)
ENGINE = ReplacingMergeTree(version, is_deleted)
ORDER BY (chain_id, typology)
COMMENT 'One row per detector: its newest run'
