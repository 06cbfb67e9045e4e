-- Who gave what to whom, by day: what every snapshot of the graph is added up from.
CREATE TABLE IF NOT EXISTS address_daily_edges
(
    chain_id UInt64 COMMENT 'EIP-155 chain id',
    day Date COMMENT 'Day, UTC',
    from_address FixedString(20) COMMENT 'Giver; zeros for mint and wrap',
    to_address FixedString(20) COMMENT 'Receiver; zeros for burn and unwrap',
    token_address FixedString(20) COMMENT 'Token contract; zeros for the native coin',
    kind LowCardinality(String) COMMENT 'native, internal, erc20, erc721, erc1155, wrap or withdrawal; fees are no edges',
    mark LowCardinality(String) COMMENT 'Mark of these transfers as in transfer_marks; empty for those without',
    transfer_count UInt64 COMMENT 'Transfers',
    amount UInt256 COMMENT 'Smallest units moved, exact; 0 for doubtful ones, of which nobody knows',
    first_block UInt64 COMMENT 'Block of the first one',
    last_block UInt64 COMMENT 'Block of the last one',
    first_timestamp DateTime('UTC') COMMENT 'Time of the first one',
    last_timestamp DateTime('UTC') COMMENT 'Time of the last one',
    as_of_block UInt64 COMMENT 'Highest block with a transfer in the row',
    version UInt64 COMMENT 'Grows with every write; the highest wins',
    is_deleted UInt8 DEFAULT 0 COMMENT '1 withdraws the row'
)
ENGINE = ReplacingMergeTree(version, is_deleted)
PARTITION BY (chain_id, toYear(day))
ORDER BY (chain_id, day, from_address, to_address, token_address, kind, mark)
COMMENT 'One row per day, giver, receiver, token, kind and mark'
