-- Whom an address will probably pay next.
CREATE TABLE IF NOT EXISTS counterparty_forecasts
(
    chain_id     UInt64 COMMENT 'EIP-155 chain id',
    address      FixedString(20) COMMENT 'Giver',
    rank         UInt16 COMMENT '1 is the most probable',
    counterparty FixedString(20) COMMENT 'Receiver',
    score        Float64 COMMENT 'Ranking score of the model, 0 to 1; higher is more probable, not calibrated',
    model_id     String COMMENT 'Model in the registry',
    as_of_block  UInt64 COMMENT 'Highest block this row knows',
    computed_at  DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC') COMMENT 'When it was computed',
    version      UInt64 COMMENT 'Grows with every write; the highest wins',
    is_deleted   UInt8 DEFAULT 0 COMMENT '1 withdraws the row'
)
ENGINE = ReplacingMergeTree(version, is_deleted)
ORDER BY (chain_id, address, rank)
COMMENT 'One row per address and rank: the latest forecast'
