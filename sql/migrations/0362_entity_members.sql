-- The members of each entity as they are now.
CREATE VIEW IF NOT EXISTS entity_members
(
    chain_id UInt64 COMMENT 'EIP-155 chain id',
    entity_id String COMMENT 'Entity, see entities',
    address FixedString(20) COMMENT 'Address that belongs to it',
    heuristic LowCardinality(String) COMMENT 'Heuristic of the surest link that holds it in',
    probability Float64 COMMENT 'Probability of that link; 1 for a hard one',
    since_block UInt64 COMMENT 'As-of block of the first build that said so',
    as_of_block UInt64 COMMENT 'Highest block this row knows',
    computed_at DateTime64(3, 'UTC') COMMENT 'When it was computed'
)
AS SELECT chain_id, entity_id, address, heuristic, probability, since_block, as_of_block, computed_at
FROM entity_member_rows
WHERE until_block = 18446744073709551615
COMMENT 'One row per address that belongs to an entity of two or more'
