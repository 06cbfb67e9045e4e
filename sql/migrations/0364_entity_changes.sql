-- What happened to entities from one build to the next: formed, grown, merged, split, shrunk, renamed, dissolved.
CREATE TABLE IF NOT EXISTS entity_changes
(
    chain_id UInt64 COMMENT 'EIP-155 chain id',
    as_of_block UInt64 COMMENT 'Highest block the build knew that saw the change',
    entity_id String COMMENT 'Entity after the change; before it where it dissolved',
    change LowCardinality(String) COMMENT 'formed, grown, shrunk, merged (took in another), split (came out of another), renamed or dissolved',
    other_entity_id String COMMENT 'The entity it took in, came out of or was called before; empty where there is none',
    address_count UInt64 COMMENT 'Addresses it has after the change',
    previous_address_count UInt64 COMMENT 'Addresses it had before; of the other entity where one is named',
    moved_count UInt64 COMMENT 'Addresses that joined or left',
    sentence String COMMENT 'The change in one sentence',
    computed_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC') COMMENT 'When it was computed',
    version UInt64 COMMENT 'Grows with every write; the highest wins',
    is_deleted UInt8 DEFAULT 0 COMMENT '1 withdraws the row'
)
ENGINE = ReplacingMergeTree(version, is_deleted)
ORDER BY (chain_id, as_of_block, entity_id, change, other_entity_id)
COMMENT 'One row per build, entity, change and other entity'
