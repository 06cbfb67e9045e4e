-- Headers of committed blocks: a block is here when all its rows are.
CREATE TABLE IF NOT EXISTS blocks
(
    chain_id UInt64 COMMENT 'EIP-155 chain id',
    block_number UInt64 CODEC(Delta, ZSTD) COMMENT 'Height',
    block_hash FixedString(32) COMMENT 'Hash of the block; zeros where the source does not say',
    block_timestamp DateTime('UTC') CODEC(Delta, ZSTD) COMMENT 'Time of the block',
    parent_hash FixedString(32) COMMENT 'Hash of the parent block',
    miner FixedString(20) COMMENT 'Fee recipient',
    state_root FixedString(32) COMMENT 'Root of the state trie',
    transactions_root FixedString(32) COMMENT 'Root of the transactions trie',
    receipts_root FixedString(32) COMMENT 'Root of the receipts trie',
    withdrawals_root Nullable(FixedString(32)) COMMENT 'Root of the withdrawals trie, since Shanghai',
    difficulty UInt256 COMMENT 'Proof-of-work difficulty, 0 since the merge',
    gas_limit UInt64 COMMENT 'Gas the block may use',
    gas_used UInt64 COMMENT 'Gas the block used',
    base_fee_per_gas Nullable(UInt256) COMMENT 'Burnt fee per gas in wei, since London',
    blob_gas_used Nullable(UInt64) COMMENT 'Blob gas used, since Cancun',
    excess_blob_gas Nullable(UInt64) COMMENT 'Excess blob gas, since Cancun',
    extra_data String COMMENT 'Bytes the proposer may choose',
    size UInt64 COMMENT 'Size of the block in bytes; 0 where the source does not say',
    transaction_count UInt32 COMMENT 'Transactions in the block',
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
ORDER BY (chain_id, block_number)
COMMENT 'One row per committed block; readers stop at the highest one'
