-- Bitcoin transactions that spend from several addresses, and whether that was taken for one owner's doing.
CREATE TABLE IF NOT EXISTS bitcoin_entity_links
(
    network LowCardinality(String) COMMENT 'mainnet, testnet, testnet4, signet or regtest',
    block_number UInt64 COMMENT 'Height',
    transaction_index UInt32 COMMENT 'Position in the block',
    transaction_id FixedString(32) COMMENT 'The transaction, evidence of the link',
    address String COMMENT 'First address it spends from, as text',
    address_count UInt64 COMMENT 'Addresses it spends from, at least 2',
    equal_output_count UInt64 COMMENT 'Outputs of the most frequent value above 2,730 satoshi',
    output_count UInt64 COMMENT 'Outputs',
    outcome LowCardinality(String) COMMENT 'merged, known (they were together already), coinjoin (several owners sign together), refused_owner or refused_conduct',
    objection String COMMENT 'What speaks against one owner where it was not believed, in a sentence; empty otherwise',
    as_of_block UInt64 COMMENT 'Highest block this row knows',
    computed_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC') COMMENT 'When it was computed',
    version UInt64 COMMENT 'Grows with every write; the highest wins',
    is_deleted UInt8 DEFAULT 0 COMMENT '1 withdraws the row'
)
ENGINE = ReplacingMergeTree(version, is_deleted)
PARTITION BY (network, intDiv(block_number, 100000))
ORDER BY (network, block_number, transaction_index)
COMMENT 'One row per Bitcoin transaction that spends from two addresses or more'
