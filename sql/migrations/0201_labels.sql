-- What sources say about addresses, with the time it is true and the time we knew.
CREATE TABLE IF NOT EXISTS labels
(
    chain LowCardinality(String) COMMENT 'Chain as chainsight/chains.toml names it, in lower case: ethereum, bitcoin …; empty for any EVM chain',
    address String COMMENT '20 bytes on EVM chains, the text itself on others (a Bitcoin address as people write it, bech32 in lower case)',
    category LowCardinality(String) COMMENT 'Concept of our taxonomy: exchange, mixer, phishing …; see chainsight/categories.py',
    label String COMMENT 'The name the source gives',
    source_category String COMMENT 'The category in the words of the source',
    source LowCardinality(String) COMMENT 'Who says so',
    confidence Float32 COMMENT '0 to 1, as the source says or by kind of source',
    uri String DEFAULT '' COMMENT 'Where the source has it from, as it writes it; empty where it does not say',
    context String DEFAULT '' COMMENT 'What else the source says, as JSON; empty for nothing',
    stated_at DateTime('UTC') DEFAULT toDateTime(0, 'UTC') COMMENT 'When the source last changed the statement; 1970 where it does not say',
    file LowCardinality(String) DEFAULT '' COMMENT 'Name of the file in which it first stood; empty where it came from no file',
    file_sha256 LowCardinality(String) DEFAULT '' COMMENT 'SHA-256 of that file, hexadecimal',
    issue UInt32 DEFAULT 0 COMMENT 'Issue of the source that brought it, see label_issues; 0 for none',
    gone_issue UInt32 DEFAULT 0 COMMENT 'Issue of the source that no longer had it; 0 while it holds',
    statement UInt64 MATERIALIZED cityHash64(label, source_category, category, confidence, uri, context, stated_at) COMMENT 'Hash of what is said, so that two statements of one source on one address stand beside each other',
    valid_from DateTime('UTC') DEFAULT toDateTime(0, 'UTC') COMMENT 'Since when it is true in the world; 1970 means always',
    valid_to DateTime('UTC') DEFAULT toDateTime(4294967295, 'UTC') COMMENT 'Until when it is true; 2106 means open',
    known_from DateTime64(3, 'UTC') COMMENT 'When this store learned it',
    known_to DateTime64(3, 'UTC') DEFAULT toDateTime64(4294967295, 3, 'UTC') COMMENT 'When this store dropped it; 2106 means it holds',
    version UInt64 COMMENT 'Grows with every write; the highest wins',
    is_deleted UInt8 DEFAULT 0 COMMENT '1 withdraws the row'
)
ENGINE = ReplacingMergeTree(version, is_deleted)
ORDER BY (address, chain, source, statement, known_from)
COMMENT 'One row per statement about an address; bitemporal'
