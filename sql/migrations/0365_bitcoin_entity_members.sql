-- Addresses of a Bitcoin network that were spent from together, and so have one owner.
CREATE TABLE IF NOT EXISTS bitcoin_entity_members
(
    network LowCardinality(String) COMMENT 'mainnet, testnet, testnet4, signet or regtest',
    address String COMMENT 'Address as text',
    entity_id String COMMENT 'The address of the entity that was spent from first: the name stays while the entity grows',
    address_count UInt64 COMMENT 'Addresses of the entity, at least 2',
    owner String COMMENT 'Whom labels name as the owner of its addresses; empty where none does',
    alarm String COMMENT 'Why the entity may be a super-cluster, in a sentence; empty for none',
    as_of_block UInt64 COMMENT 'Highest block this row knows',
    computed_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC') COMMENT 'When it was computed',
    version UInt64 COMMENT 'Grows with every write; the highest wins',
    is_deleted UInt8 DEFAULT 0 COMMENT '1 withdraws the row'
)
ENGINE = ReplacingMergeTree(version, is_deleted)
ORDER BY (network, address)
COMMENT 'One row per Bitcoin address that belongs to an entity of two or more'
