-- How much of each token moved, was made and was destroyed, by day, and among how many.
CREATE TABLE IF NOT EXISTS token_daily_flows
(
    chain_id UInt64 COMMENT 'EIP-155 chain id',
    token_address FixedString(20) COMMENT 'Token contract; zeros for the native coin',
    day Date COMMENT 'Day, UTC',
    transfer_count UInt64 COMMENT 'Transfers between two addresses, gas fees apart',
    transfer_amount UInt256 COMMENT 'Smallest units they moved; for collectibles, items',
    largest_amount UInt256 COMMENT 'The largest of them',
    giver_count UInt64 COMMENT 'Different addresses that gave',
    receiver_count UInt64 COMMENT 'Different addresses that received',
    active_holder_count UInt64 COMMENT 'Different addresses that gave or received',
    mint_count UInt64 COMMENT 'Transfers from the zero address: mints, wrapping, validator withdrawals',
    mint_amount UInt256 COMMENT 'Smallest units they made',
    burn_count UInt64 COMMENT 'Transfers to the zero address: burns, unwrapping; gas that is burnt stands in chain_daily_fees',
    burn_amount UInt256 COMMENT 'Smallest units they destroyed',
    left_out_count UInt64 COMMENT 'Transfers that count but are not in the amounts: from 2^224 up, or in doubt about what they moved',
    as_of_block UInt64 COMMENT 'Highest block with a transfer in the row',
    version UInt64 COMMENT 'Grows with every write; the highest wins',
    is_deleted UInt8 DEFAULT 0 COMMENT '1 withdraws the row'
)
ENGINE = ReplacingMergeTree(version, is_deleted)
PARTITION BY (chain_id, toYear(day))
ORDER BY (chain_id, token_address, day)
COMMENT 'One row per token and day on which it moved'
