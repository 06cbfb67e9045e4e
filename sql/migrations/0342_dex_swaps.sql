-- Trades on decentralised exchanges, as the pools of Uniswap v2, v3 and their forks report them.
CREATE TABLE IF NOT EXISTS dex_swaps
(
    chain_id UInt64 COMMENT 'EIP-155 chain id',
    block_number UInt64 CODEC(Delta, ZSTD) COMMENT 'Height',
    block_hash FixedString(32) COMMENT 'Hash of the block',
    block_timestamp DateTime('UTC') CODEC(Delta, ZSTD) COMMENT 'Time of the block',
    transaction_index UInt32 COMMENT 'Position of the transaction in the block',
    transaction_hash FixedString(32) COMMENT 'Transaction that traded',
    log_index UInt32 COMMENT 'Position of the Swap event in the block',
    pool FixedString(20) COMMENT 'Contract that emitted the event',
    form LowCardinality(String) COMMENT 'uniswap_v2 or uniswap_v3 by the form of the event, whoever made the pool; pancake_v3 has two words more',
    trader Nullable(FixedString(20)) COMMENT 'Who signed the transaction; NULL where the transaction is not stored',
    sender FixedString(20) COMMENT 'Who called the pool, mostly a router, as the event says',
    recipient FixedString(20) COMMENT 'Who got what came out, as the event says',
    token_in Nullable(FixedString(20)) COMMENT 'Token that the pool took; NULL where the transfers of the transaction do not tell',
    amount_in UInt256 COMMENT 'Smallest units that the pool took, net of what it gave back of the same token',
    token_out Nullable(FixedString(20)) COMMENT 'Token that the pool gave; NULL where the transfers do not tell',
    amount_out UInt256 COMMENT 'Smallest units that the pool gave, by the event; a token that takes a fee may deliver less',
    in_is_token0 UInt8 COMMENT '1 when the token taken is the pool''s first, token0',
    tokens_by LowCardinality(String) COMMENT 'How the tokens are known: amounts (what moved of each is exactly what the event says), direction (one token alone went that way, its amount differs: it takes a fee); empty where they are not',
    doubt LowCardinality(String) COMMENT 'Why tokens are missing: one_sided (both amounts have one sign), no_token (nothing moved that way), several_tokens (more than one did), out_of_range (amounts that no token has); empty otherwise',
    numeraire Nullable(FixedString(20)) COMMENT 'The side that prices are counted in: the chain''s first listed stablecoin, else its wrapped native coin; NULL when neither was traded',
    sqrt_price_x96 Nullable(UInt256) COMMENT 'Root of token1 per token0 after the trade, times 2^96; v3 only',
    liquidity Nullable(UInt256) COMMENT 'Liquidity in range after the trade; v3 only',
    tick Nullable(Int32) COMMENT 'Tick after the trade: floor of log 1.0001 of token1 per token0; v3 only',
    finality String ALIAS multiIf(
        block_number <= joinGet('chain_finality', 'finalized_block', chain_id), 'finalized',
        block_number <= joinGet('chain_finality', 'safe_block', chain_id), 'safe',
        'latest'
    ) COMMENT 'latest, safe or finalized, as known now; name it to see it, * leaves it out',
    version UInt64 COMMENT 'Grows with every write; the highest wins',
    is_deleted UInt8 DEFAULT 0 COMMENT '1 withdraws the row'
)
ENGINE = ReplacingMergeTree(version, is_deleted)
PARTITION BY (chain_id, intDiv(block_number, 1000000))
ORDER BY (chain_id, block_number, log_index)
COMMENT 'One row per Swap event of a pool'
