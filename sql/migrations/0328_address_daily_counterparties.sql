-- With how many others each address dealt, by day, and how many of them it had never dealt with before.
CREATE TABLE IF NOT EXISTS address_daily_counterparties
(
    chain_id UInt64 COMMENT 'EIP-155 chain id',
    address FixedString(20) COMMENT 'Address; never the zero address',
    day Date COMMENT 'Day, UTC',
    counterparty_count UInt64 COMMENT 'Different addresses it gave to or received from, gas fees, itself and the zero address apart',
    new_counterparty_count UInt64 COMMENT 'Of them, those it had no transfer with on an earlier day in this store',
    new_counterparty_rate Float64 ALIAS new_counterparty_count / counterparty_count COMMENT 'Share of new ones, 0 to 1; name it to see it, * leaves it out',
    as_of_block UInt64 COMMENT 'Highest block in the row',
    version UInt64 COMMENT 'Grows with every write; the highest wins',
    is_deleted UInt8 DEFAULT 0 COMMENT '1 withdraws the row'
)
ENGINE = ReplacingMergeTree(version, is_deleted)
PARTITION BY (chain_id, toYear(day))
ORDER BY (chain_id, address, day)
COMMENT 'One row per address and day on which it dealt with somebody'
