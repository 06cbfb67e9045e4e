-- Calls, creations and self-destructs inside transactions.
CREATE TABLE IF NOT EXISTS traces
(
    chain_id UInt64 COMMENT 'EIP-155 chain id',
    block_number UInt64 CODEC(Delta, ZSTD) COMMENT 'Height',
    block_hash FixedString(32) COMMENT 'Hash of the block; zeros where the source does not say',
    block_timestamp DateTime('UTC') CODEC(Delta, ZSTD) COMMENT 'Time of the block',
    transaction_index UInt32 COMMENT 'Position of the transaction in the block; 4294967295 for block rewards',
    transaction_hash FixedString(32) COMMENT 'Transaction; zeros for block rewards',
    trace_index UInt32 COMMENT 'Position in the block, in the order of execution',
    trace_address Array(UInt32) COMMENT 'Path from the root call',
    trace_type LowCardinality(String) COMMENT 'call, create, suicide or reward',
    call_type LowCardinality(String) COMMENT 'call, delegatecall, staticcall, callcode; empty for others',
    from_address FixedString(20) COMMENT 'Caller, creator, or the contract that destroyed itself',
    to_address Nullable(FixedString(20)) COMMENT 'Callee, new contract, or heir',
    value UInt256 COMMENT 'Wei that went along',
    gas UInt64 COMMENT 'Gas given',
    gas_used UInt64 COMMENT 'Gas used',
    method_id String COMMENT 'First four bytes of the input',
    error String COMMENT 'Why this call failed; empty if it did not',
    reverted UInt8 COMMENT '1 when it or a call above it failed, so that nothing it moved counts',
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
ORDER BY (chain_id, block_number, trace_index)
COMMENT 'One row per trace'
