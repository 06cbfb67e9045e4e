-- What an address does, in further detail: rhythm, inequality, gas, approvals, look-alikes. NaN where it is undefined.
CREATE TABLE IF NOT EXISTS address_detail_features
(
    chain_id UInt64 COMMENT 'EIP-155 chain id',
    address FixedString(20) COMMENT 'Address',
    failed_count Float32 COMMENT 'Transactions sent or received that failed; number',
    moves_per_active_day Float32 COMMENT 'Moves a day on days with any; number',
    is_contract Float32 COMMENT '1 when it was seen to run code: it emitted an event, is a token, was created, or was called for more than a plain transfer costs',
    net_amount Float32 COMMENT 'Native value received less sent; logarithm of 1 + thousandths of a coin, with the sign',
    in_amount_gini Float32 COMMENT 'Inequality of the native amounts received; Gini coefficient, 0 all equal',
    out_amount_gini Float32 COMMENT 'Inequality of the native amounts sent; Gini coefficient, 0 all equal',
    new_last_week_share Float32 COMMENT 'Moves of the last seven days of its life with a counterparty never met on that side before; share',
    in_gap_min Float32 COMMENT 'Time between moves received; shortest, seconds',
    out_gap_min Float32 COMMENT 'Time between moves sent; shortest, seconds',
    in_burstiness Float32 COMMENT '(deviation - mean) / (deviation + mean) of the times between moves received; -1 regular, 1 bursty',
    out_burstiness Float32 COMMENT '(deviation - mean) / (deviation + mean) of the times between moves sent; -1 regular, 1 bursty',
    weekend_share Float32 COMMENT 'Moves on Saturday or Sunday, UTC; share',
    approval_share Float32 COMMENT 'Calls of approve, setApprovalForAll and transferFrom among the transactions it sent; share',
    gas_price_ratio_mean Float32 COMMENT 'Gas price it paid over the median of the block; mean over its transactions',
    gas_price_ratio_deviation Float32 COMMENT 'Gas price it paid over the median of the block; standard deviation',
    fee_over_amount_mean Float32 COMMENT 'Fee over native value of its transactions that carry any, 1 at most each; mean',
    plain_send_share Float32 COMMENT 'Its transactions that used exactly 21,000 gas; share',
    nonce_max Float32 COMMENT 'Highest nonce it signed; number',
    stable_share Float32 COMMENT 'Token moves in stablecoins of the chain; share',
    token_zero_share Float32 COMMENT 'Token moves of amount 0; share',
    collectible_share Float32 COMMENT 'Token moves of collectibles; share',
    lookalike_count Float32 COMMENT 'Moves it did not sign with an address that has the first and last four digits of a counterparty it deals with more; number',
    unlimited_approvals Float32 COMMENT 'Owners that let it move their tokens without a limit; number',
    first_seen_timestamp DateTime('UTC') COMMENT 'Time of its first move or token transfer; its age is in address_age_features',
    last_seen_timestamp DateTime('UTC') COMMENT 'Time of its last move or token transfer',
    as_of_block UInt64 COMMENT 'Highest block with something of it',
    computed_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC') COMMENT 'When it was computed',
    version UInt64 COMMENT 'Grows with every write; the highest wins',
    is_deleted UInt8 DEFAULT 0 COMMENT '1 withdraws the row'
)
ENGINE = ReplacingMergeTree(version, is_deleted)
ORDER BY (chain_id, address)
COMMENT 'One row per address with any: details of behaviour'
