-- What an address does, without a clock or a fee: holdings of tokens. NaN where it is undefined.
CREATE TABLE IF NOT EXISTS address_token_holding_features
(
    chain_id UInt64 COMMENT 'EIP-155 chain id',
    address FixedString(20) COMMENT 'Address',
    token_kept_share Float32 COMMENT 'Received amount of a token that was not sent on; mean over tokens, share',
    token_kept_median Float32 COMMENT 'Received amount of a token that was not sent on; median over tokens, share',
    token_emptied_share Float32 COMMENT 'Tokens received that were sent on to the last hundredth; share',
    token_untouched_share Float32 COMMENT 'Tokens received and never sent; share',
    token_sent_unseen_share Float32 COMMENT 'Tokens sent without having been seen coming; share',
    token_per_token_mean Float32 COMMENT 'Transfers a token; mean',
    token_per_token_max Float32 COMMENT 'Transfers of the most frequent token; number',
    token_both_sides_share Float32 COMMENT 'Tokens both received and sent; share',
    token_hold_median Float32 COMMENT 'From first receiving a token to last sending it; median, seconds',
    as_of_block UInt64 COMMENT 'Highest block with something of it',
    computed_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC') COMMENT 'When it was computed',
    version UInt64 COMMENT 'Grows with every write; the highest wins',
    is_deleted UInt8 DEFAULT 0 COMMENT '1 withdraws the row'
)
ENGINE = ReplacingMergeTree(version, is_deleted)
ORDER BY (chain_id, address)
COMMENT 'One row per address with any: holdings of tokens'
