-- Headers of committed Bitcoin blocks: a block is here when all its rows are.
CREATE TABLE IF NOT EXISTS bitcoin_blocks
(
    network LowCardinality(String) COMMENT 'mainnet, testnet, testnet4, signet or regtest',
    block_number UInt64 CODEC(Delta, ZSTD) COMMENT 'Height',
    block_hash FixedString(32) COMMENT 'Hash of the block, its bytes in the order in which people write them',
    block_timestamp DateTime('UTC') CODEC(Delta, ZSTD) COMMENT 'Time in the header; may be up to two hours off, and before the block before',
    previous_hash FixedString(32) COMMENT 'Hash of the block before; zeros for the first',
    merkle_root FixedString(32) COMMENT 'Root of the tree of transaction ids',
    header_version Int32 COMMENT 'Version field of the header',
    bits UInt32 COMMENT 'Proof-of-work target in compact form',
    nonce UInt32 COMMENT 'Nonce of the header',
    size UInt64 COMMENT 'Bytes with witnesses',
    weight UInt64 COMMENT 'Weight units (BIP 141)',
    transaction_count UInt32 COMMENT 'Transactions in the block',
    reward UInt64 COMMENT 'Satoshi that the coinbase transaction pays out',
    finality LowCardinality(String) COMMENT 'latest, safe (6 confirmations) or finalized (100, or read from an archive), as of the last ingest',
    version UInt64 COMMENT 'Grows with every write; the highest wins',
    is_deleted UInt8 DEFAULT 0 COMMENT '1 withdraws the row'
)
ENGINE = ReplacingMergeTree(version, is_deleted)
PARTITION BY (network, intDiv(block_number, 100000))
ORDER BY (network, block_number)
COMMENT 'One row per Bitcoin block'
