-- How much of each stablecoin was created and destroyed, by day.
CREATE TABLE IF NOT EXISTS stablecoin_daily_supply
(
    chain_id UInt64 COMMENT 'EIP-155 chain id',
    day Date COMMENT 'Day, UTC',
    token_address FixedString(20) COMMENT 'Contract, one of the stablecoins of chainsight/chains.toml',
    mint_count UInt64 COMMENT 'Times some were created',
    mint_amount UInt256 COMMENT 'Smallest units created',
    burn_count UInt64 COMMENT 'Times some were destroyed',
    burn_amount UInt256 COMMENT 'Smallest units destroyed',
    net_amount Int256 COMMENT 'Created less destroyed, smallest units',
    as_of_block UInt64 COMMENT 'Highest block of the day in which some were created or destroyed',
    computed_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC') COMMENT 'When it was computed',
    version UInt64 COMMENT 'Grows with every write; the highest wins',
    is_deleted UInt8 DEFAULT 0 COMMENT '1 withdraws the row'
)
ENGINE = ReplacingMergeTree(version, is_deleted)
PARTITION BY chain_id
ORDER BY (chain_id, day, token_address)
COMMENT 'One row per day and stablecoin that was minted or burnt'
