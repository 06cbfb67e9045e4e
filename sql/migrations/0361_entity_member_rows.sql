-- Which entity an address belonged to, from which state of the chain on: a row stays when the address moves on, so that any past
-- state can be told. `since_block` and `until_block` are the as-of blocks of the builds that first and no longer said so.
CREATE TABLE IF NOT EXISTS entity_member_rows
(
    chain_id UInt64 COMMENT 'EIP-155 chain id',
    address FixedString(20) COMMENT 'Address',
    since_block UInt64 COMMENT 'As-of block of the first build that said so',
    entity_id String COMMENT 'Entity it belongs to, see entities',
    until_block UInt64 COMMENT 'As-of block of the build that said otherwise; 18446744073709551615 while it holds',
    heuristic LowCardinality(String) COMMENT 'Heuristic of the surest link that holds it in',
    probability Float64 COMMENT 'Probability of that link; 1 for a hard one',
    as_of_block UInt64 COMMENT 'Highest block this row knows',
    computed_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC') COMMENT 'When it was computed',
    version UInt64 COMMENT 'Grows with every write; the highest wins',
    is_deleted UInt8 DEFAULT 0 COMMENT '1 withdraws the row'
)
ENGINE = ReplacingMergeTree(version, is_deleted)
ORDER BY (chain_id, address, since_block)
COMMENT 'One row per address and membership, past ones too'
