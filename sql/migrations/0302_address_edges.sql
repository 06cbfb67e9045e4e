-- Who gave to whom: all transfers of a pair, fees apart, as one edge.
CREATE TABLE IF NOT EXISTS address_edges
(
    chain_id UInt64 COMMENT 'EIP-155 chain id',
    from_id UInt64 COMMENT 'address_id of the giver',
    to_id UInt64 COMMENT 'address_id of the receiver',
    transfer_count UInt64 COMMENT 'Transfers of all kinds but fees',
    native_amount UInt256 COMMENT 'Wei moved as the native coin; the supply bounds it, so the sum cannot wrap',
    token_transfer_count UInt64 COMMENT 'Transfers of tokens among them',
    token_count UInt64 COMMENT 'Different tokens among them',
    first_block UInt64 COMMENT 'Block of the first one',
    last_block UInt64 COMMENT 'Block of the last one',
    first_timestamp DateTime('UTC') COMMENT 'Time of the first one',
    last_timestamp DateTime('UTC') COMMENT 'Time of the last one',
    as_of_block UInt64 COMMENT 'Highest block this row knows',
    computed_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC') COMMENT 'When it was computed',
    version UInt64 COMMENT 'Grows with every write; the highest wins',
    is_deleted UInt8 DEFAULT 0 COMMENT '1 withdraws the row'
)
ENGINE = ReplacingMergeTree(version, is_deleted)
ORDER BY (chain_id, from_id, to_id)
COMMENT 'One row per ordered pair of addresses'
