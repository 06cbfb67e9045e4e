-- Validator withdrawals (EIP-4895); amounts are Gwei, not wei.
CREATE TABLE IF NOT EXISTS withdrawals
(
    chain_id UInt64 COMMENT 'EIP-155 chain id',
    block_number UInt64 CODEC(Delta, ZSTD) COMMENT 'Height',
    block_hash FixedString(32) COMMENT 'Hash of the block; zeros where the source does not say',
    block_timestamp DateTime('UTC') CODEC(Delta, ZSTD) COMMENT 'Time of the block',
    withdrawal_position UInt32 COMMENT 'Position in the block',
    withdrawal_index UInt64 COMMENT 'Index since genesis',
    validator_index UInt64 COMMENT 'Validator',
    address FixedString(20) COMMENT 'Receiver',
    amount_gwei UInt64 COMMENT 'Amount in Gwei',
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
ORDER BY (chain_id, block_number, withdrawal_position)
COMMENT 'One row per withdrawal'
