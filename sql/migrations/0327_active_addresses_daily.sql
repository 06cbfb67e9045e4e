-- How many addresses did something, by day: new ones and those that were seen before.
CREATE TABLE IF NOT EXISTS active_addresses_daily
(
    chain_id UInt64 COMMENT 'EIP-155 chain id',
    day Date COMMENT 'Day, UTC',
    active_count UInt64 COMMENT 'Addresses that gave or received anything, or paid for gas; the zero address apart',
    giver_count UInt64 COMMENT 'Of them, those that gave or paid',
    receiver_count UInt64 COMMENT 'Of them, those that received',
    new_count UInt64 COMMENT 'Of them, those never seen before in this store',
    returning_count UInt64 COMMENT 'Of them, those seen on an earlier day',
    as_of_block UInt64 COMMENT 'Highest block in the row',
    version UInt64 COMMENT 'Grows with every write; the highest wins',
    is_deleted UInt8 DEFAULT 0 COMMENT '1 withdraws the row'
)
ENGINE = ReplacingMergeTree(version, is_deleted)
ORDER BY (chain_id, day)
COMMENT 'One row per chain and day on which something moved'
