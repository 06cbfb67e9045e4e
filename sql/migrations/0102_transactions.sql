-- Transactions with what their receipts add.
CREATE TABLE IF NOT EXISTS transactions
(
    chain_id UInt64 COMMENT 'EIP-155 chain id',
    block_number UInt64 CODEC(Delta, ZSTD) COMMENT 'Height',
    block_hash FixedString(32) COMMENT 'Hash of the block; zeros where the source does not say',
    block_timestamp DateTime('UTC') CODEC(Delta, ZSTD) COMMENT 'Time of the block',
    transaction_index UInt32 COMMENT 'Position in the block',
    transaction_hash FixedString(32) COMMENT 'Hash of the transaction; first 8 bytes only where the source has no more',
    transaction_type UInt8 COMMENT 'EIP-2718 type: 0 legacy, 1 access list, 2 fee market, 3 blob, 4 set code, others of L2s',
    nonce UInt64 COMMENT 'Sender nonce',
    from_address FixedString(20) COMMENT 'Sender',
    to_address Nullable(FixedString(20)) COMMENT 'Receiver; NULL creates a contract',
    value UInt256 COMMENT 'Wei sent',
    gas_limit UInt64 COMMENT 'Gas the sender allowed',
    gas_price UInt256 COMMENT 'Wei per gas as the node reports it',
    max_fee_per_gas Nullable(UInt256) COMMENT 'EIP-1559 fee cap in wei; may exceed 64 bits',
    max_priority_fee_per_gas Nullable(UInt256) COMMENT 'EIP-1559 tip cap in wei',
    max_fee_per_blob_gas Nullable(UInt256) COMMENT 'EIP-4844 blob fee cap in wei',
    blob_versioned_hashes Array(FixedString(32)) COMMENT 'EIP-4844 blobs',
    access_list Array(Tuple(address FixedString(20), storage_keys Array(FixedString(32)))) COMMENT 'EIP-2930 access list',
    authorization_list Array(Tuple(chain_id UInt256, address FixedString(20), nonce UInt64, y_parity UInt256, r UInt256, s UInt256)) COMMENT 'EIP-7702 authorisations as sent',
    input String COMMENT 'Call data; empty where the source has only its length',
    input_length UInt32 COMMENT 'Bytes of call data',
    method_id String COMMENT 'First four bytes of the call data, empty without any',
    success UInt8 COMMENT 'Receipt status: 1 succeeded, 0 failed, 2 unknown (no receipt)',
    gas_used UInt64 COMMENT 'Gas used by this transaction',
    cumulative_gas_used UInt64 COMMENT 'Gas used in the block up to and with this transaction',
    effective_gas_price UInt256 COMMENT 'Wei per gas paid',
    blob_gas_used UInt64 COMMENT 'Blob gas used, 0 without blobs',
    blob_gas_price UInt256 COMMENT 'Wei per blob gas, 0 without blobs',
    contract_address Nullable(FixedString(20)) COMMENT 'Contract this transaction created',
    finality String ALIAS multiIf(
        block_number <= joinGet('chain_finality', 'finalized_block', chain_id), 'finalized',
        block_number <= joinGet('chain_finality', 'safe_block', chain_id), 'safe',
        'latest'
    ) COMMENT 'latest, safe or finalized, as known now; name it to see it, * leaves it out',
    version UInt64 COMMENT 'Grows with every write; the highest wins',
    is_deleted UInt8 DEFAULT 0 COMMENT '1 withdraws the row',
    INDEX from_bloom from_address TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX to_bloom to_address TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX hash_bloom transaction_hash TYPE bloom_filter(0.001) GRANULARITY 1
)
ENGINE = ReplacingMergeTree(version, is_deleted)
PARTITION BY (chain_id, intDiv(block_number, 1000000))
ORDER BY (chain_id, block_number, transaction_index)
COMMENT 'One row per transaction'
