-- Outputs of Bitcoin transactions. Who spends one is read from the inputs, never written here.
CREATE TABLE IF NOT EXISTS bitcoin_outputs
(
    network LowCardinality(String) COMMENT 'mainnet, testnet, testnet4, signet or regtest',
    block_number UInt64 CODEC(Delta, ZSTD) COMMENT 'Height',
    block_hash FixedString(32) COMMENT 'Hash of the block',
    block_timestamp DateTime('UTC') CODEC(Delta, ZSTD) COMMENT 'Time in the header of the block',
    transaction_index UInt32 COMMENT 'Position of the transaction in the block',
    transaction_id FixedString(32) COMMENT 'Transaction that pays',
    output_index UInt32 COMMENT 'Position of the output in the transaction',
    address String COMMENT 'Address that is paid, as text; empty where the script has none (pay to public key, bare multisig, OP_RETURN)',
    script_type LowCardinality(String) COMMENT 'Kind of script in the words of Bitcoin Core: pubkeyhash, witness_v1_taproot, nulldata …',
    script String COMMENT 'The script in hexadecimal',
    value UInt64 COMMENT 'Satoshi',
    version UInt64 COMMENT 'Grows with every write; the highest wins',
    is_deleted UInt8 DEFAULT 0 COMMENT '1 withdraws the row',
    INDEX transaction_bloom transaction_id TYPE bloom_filter(0.01) GRANULARITY 4,
    INDEX address_bloom address TYPE bloom_filter(0.01) GRANULARITY 4
)
ENGINE = ReplacingMergeTree(version, is_deleted)
PARTITION BY (network, intDiv(block_number, 100000))
ORDER BY (network, block_number, transaction_index, output_index)
COMMENT 'One row per output of a Bitcoin transaction'
