-- What came in to and went out of each address, by day and token.
CREATE TABLE IF NOT EXISTS address_daily_flows
(
    chain_id UInt64 COMMENT 'EIP-155 chain id',
    address FixedString(20) COMMENT 'Address; never the zero address, which stands for nobody',
    day Date COMMENT 'Day, UTC',
    token_address FixedString(20) COMMENT 'Token contract; zeros for the native coin',
    in_count UInt64 COMMENT 'Transfers it received, gas fees apart',
    out_count UInt64 COMMENT 'Transfers it gave, gas fees apart',
    in_amount UInt256 COMMENT 'Smallest units received; for collectibles, items',
    out_amount UInt256 COMMENT 'Smallest units given; for collectibles, items',
    fee_amount UInt256 COMMENT 'Wei paid for gas and blobs; in the row of the native coin only',
    in_counterparty_count UInt64 COMMENT 'Different addresses it received from, itself and the zero address apart',
    out_counterparty_count UInt64 COMMENT 'Different addresses it gave to, itself and the zero address apart',
    left_out_count UInt64 COMMENT 'Transfers that count but are not in the amounts: from 2^224 up, or in doubt about what they moved',
    as_of_block UInt64 COMMENT 'Highest block with a transfer in the row',
    version UInt64 COMMENT 'Grows with every write; the highest wins',
    is_deleted UInt8 DEFAULT 0 COMMENT '1 withdraws the row'
)
ENGINE = ReplacingMergeTree(version, is_deleted)
PARTITION BY (chain_id, toYear(day))
ORDER BY (chain_id, address, day, token_address)
COMMENT 'One row per address, day and token that moved'
