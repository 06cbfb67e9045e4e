-- Inputs of Bitcoin transactions with the output that each spends: whose it was and how much it held.
CREATE TABLE IF NOT EXISTS bitcoin_inputs
(
    network LowCardinality(String) COMMENT 'mainnet, testnet, testnet4, signet or regtest',
    block_number UInt64 CODEC(Delta, ZSTD) COMMENT 'Height of the block that spends',
    block_hash FixedString(32) COMMENT 'Hash of the block',
    block_timestamp DateTime('UTC') CODEC(Delta, ZSTD) COMMENT 'Time in the header of the block',
    transaction_index UInt32 COMMENT 'Position of the transaction in the block',
    transaction_id FixedString(32) COMMENT 'Transaction that spends',
    input_index UInt32 COMMENT 'Position of the input in the transaction',
    spent_transaction_id FixedString(32) COMMENT 'Transaction whose output is spent; zeros for coinbase',
    spent_output_index UInt32 COMMENT 'Position of that output; 4294967295 for coinbase',
    resolution LowCardinality(String) COMMENT 'txid: the spent transaction was read and hashes to its id; prevout: the node says so; coinbase; unresolved',
    unresolved_reason LowCardinality(String) COMMENT 'Why the spent output is not known; empty where it is',
    address String COMMENT 'Address that held the output, as text; empty where its script has none or it is unresolved',
    script_type LowCardinality(String) COMMENT 'Kind of the spent script in the words of Bitcoin Core; empty where unresolved or coinbase',
    script String COMMENT 'The spent script in hexadecimal where it has no address (pay to public key, bare multisig), else empty',
    value Nullable(UInt64) COMMENT 'Satoshi spent; NULL where unresolved, 0 for coinbase',
    sequence UInt32 COMMENT 'Sequence field: relative lock and replaceability',
    version UInt64 COMMENT 'Grows with every write; the highest wins',
    is_deleted UInt8 DEFAULT 0 COMMENT '1 withdraws the row',
    INDEX spent_bloom spent_transaction_id TYPE bloom_filter(0.01) GRANULARITY 4,
    INDEX address_bloom address TYPE bloom_filter(0.01) GRANULARITY 4
)
ENGINE = ReplacingMergeTree(version, is_deleted)
PARTITION BY (network, intDiv(block_number, 100000))
ORDER BY (network, block_number, transaction_index, input_index)
COMMENT 'One row per input of a Bitcoin transaction'
