-- What was ingested of Bitcoin, from where, with which proofs; a row is written before and after the rows of its blocks.
CREATE TABLE IF NOT EXISTS bitcoin_audit
(
    network LowCardinality(String) COMMENT 'mainnet, testnet, testnet4, signet or regtest',
    from_block UInt64 COMMENT 'First block of the batch',
    to_block UInt64 COMMENT 'Last block of the batch',
    state LowCardinality(String) COMMENT 'open: rows are being written or withdrawn, nobody reads them; committed: all are there',
    source LowCardinality(String) COMMENT 'archive or rpc',
    location String COMMENT 'Folder or node, without credentials',
    block_count UInt64 COMMENT 'Blocks',
    transaction_count UInt64 COMMENT 'Transactions',
    input_count UInt64 COMMENT 'Inputs',
    output_count UInt64 COMMENT 'Outputs',
    proofs Array(LowCardinality(String)) COMMENT 'What was recomputed and agreed for every block: block_hash, merkle_root, transaction_ids, addresses …',
    ingested_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC') COMMENT 'When',
    version UInt64 COMMENT 'Grows with every write; the highest wins',
    is_deleted UInt8 DEFAULT 0 COMMENT '1 withdraws the row'
)
ENGINE = ReplacingMergeTree(version, is_deleted)
ORDER BY (network, from_block, to_block)
COMMENT 'One row per batch of Bitcoin blocks; what is open after a crash is cleared by the next ingest'
