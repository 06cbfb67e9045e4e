-- Sanctioned addresses as published on lists, with the time it is true and the time we knew.
CREATE TABLE IF NOT EXISTS list_entries
(
    list_kind LowCardinality(String) COMMENT 'ofac, un or eu',
    entry_id String COMMENT 'Number of the entry on its list; empty if the source has none',
    name String COMMENT 'Name of the listed party',
    program String COMMENT 'Sanctions programme',
    asset LowCardinality(String) COMMENT 'Ticker as the list writes it: ETH, XBT …',
    address String COMMENT '20 bytes for EVM addresses, the text itself for others',
    source String COMMENT 'The list it is an issue of: the file name without years and endings',
    file LowCardinality(String) DEFAULT '' COMMENT 'Name of the file in which it first stood',
    file_sha256 LowCardinality(String) DEFAULT '' COMMENT 'SHA-256 of that file, hexadecimal',
    valid_from DateTime('UTC') DEFAULT toDateTime(0, 'UTC') COMMENT 'Since when it is true in the world; 1970 means always',
    valid_to DateTime('UTC') DEFAULT toDateTime(4294967295, 'UTC') COMMENT 'Until when it is true; 2106 means open',
    known_from DateTime64(3, 'UTC') COMMENT 'When this store learned it',
    known_to DateTime64(3, 'UTC') DEFAULT toDateTime64(4294967295, 3, 'UTC') COMMENT 'When this store dropped it; 2106 means it holds',
    version UInt64 COMMENT 'Grows with every write; the highest wins',
    is_deleted UInt8 DEFAULT 0 COMMENT '1 withdraws the row'
)
ENGINE = ReplacingMergeTree(version, is_deleted)
ORDER BY (list_kind, address, asset, entry_id, source, name, program, known_from)
COMMENT 'One row per listed address; bitemporal'
