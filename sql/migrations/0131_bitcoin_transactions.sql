-- Transactions of Bitcoin blocks.
CREATE TABLE IF NOT EXISTS bitcoin_transactions
(
    network LowCardinality(String) COMMENT 'mainnet, testnet, testnet4, signet or regtest',
    block_number UInt64 CODEC(Delta, ZSTD) COMMENT 'Height',
    block_hash FixedString(32) COMMENT 'Hash of the block',
    block_timestamp DateTime('UTC') CODEC(Delta, ZSTD) COMMENT 'Time in the header of the block',
    transaction_index UInt32 COMMENT 'Position in the block; 0 is the coinbase transaction',
    transaction_id FixedString(32) COMMENT 'txid: hash without witnesses, its bytes in the order in which people write them',
    witness_id FixedString(32) COMMENT 'wtxid: hash with witnesses; the transaction id where there are none',
    transaction_version UInt32 COMMENT 'Version field of the transaction',
    lock_time UInt32 COMMENT 'Block or time before which it is not valid',
    size UInt32 COMMENT 'Bytes with witnesses',
    weight UInt32 COMMENT 'Weight units (BIP 141); a quarter of it is the virtual size',
    is_coinbase UInt8 COMMENT '1 for the transaction that mints the block reward',
    input_count UInt32 COMMENT 'Inputs; 1 for coinbase',
    output_count UInt32 COMMENT 'Outputs',
    input_value Nullable(UInt64) COMMENT 'Satoshi spent; NULL where an input is unresolved, 0 for coinbase',
    output_value UInt64 COMMENT 'Satoshi in its outputs',
    fee Nullable(UInt64) COMMENT 'Satoshi left to the miner; NULL where an input is unresolved, 0 for coinbase',
    version UInt64 COMMENT 'Grows with every write; the highest wins',
    is_deleted UInt8 DEFAULT 0 COMMENT '1 withdraws the row',
    INDEX transaction_bloom transaction_id TYPE bloom_filter(0.01) GRANULARITY 4
)
ENGINE = ReplacingMergeTree(version, is_deleted)
PARTITION BY (network, intDiv(block_number, 100000))
ORDER BY (network, block_number, transaction_index)
COMMENT 'One row per Bitcoin transaction'
