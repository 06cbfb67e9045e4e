-- What sources say about addresses, with the time it is true and the time we knew.
CREATE TABLE IF NOT EXISTS labels
(
    chain LowCardinality(String) COMMENT 'Chain as the source names it, in lower case: ethereum, bitcoin …; empty for any EVM chain',
    address String COMMENT '20 bytes on EVM chains, the text itself on others',
    category LowCardinality(String) COMMENT 'Concept of our taxonomy: exchange, mixer, phishing …; see chainsight/categories.py',
    label String COMMENT 'The name the source gives',
    source_category String COMMENT 'The category in the words of the source',
    source LowCardinality(String) COMMENT 'Who says so',
    confidence Float32 COMMENT '0 to 1, by kind of source',
    valid_from DateTime('UTC') DEFAULT toDateTime(0, 'UTC') COMMENT 'Since when it is true in the world; 1970 means always',
    valid_to DateTime('UTC') DEFAULT toDateTime(4294967295, 'UTC') COMMENT 'Until when it is true; 2106 means open',
    known_from DateTime64(3, 'UTC') COMMENT 'When this store learned it',
    known_to DateTime64(3, 'UTC') DEFAULT toDateTime64(4294967295, 3, 'UTC') COMMENT 'When this store dropped it; 2106 means it holds',
    version UInt64 COMMENT 'Grows with every write; the highest wins',
    is_deleted UInt8 DEFAULT 0 COMMENT '1 withdraws the row'
)
ENGINE = ReplacingMergeTree(version, is_deleted)
ORDER BY (address, chain, source, label, source_category, known_from)
COMMENT 'One row per statement about an address; bitemporal'
