-- Addresses through which the graph ties people together who have nothing to do with each other, or which are bait.
CREATE TABLE IF NOT EXISTS address_marks
(
    chain_id UInt64 COMMENT 'EIP-155 chain id',
    address FixedString(20) COMMENT 'Address',
    mark LowCardinality(String) COMMENT 'service (a source says so; deposit addresses, which are one customer''s, are none), hub (at least 1,000 givers or 1,000 receivers) or bait (named as receiver in poisoning transfers)',
    category LowCardinality(String) COMMENT 'What kind of service; empty for the other marks',
    neighbour_count UInt64 COMMENT 'Of a hub: its givers or its receivers, the more of the two; of bait: those in whose name it was planted; 0 for services',
    as_of_block UInt64 COMMENT 'Highest block this row knows',
    version UInt64 COMMENT 'Grows with every write; the highest wins',
    is_deleted UInt8 DEFAULT 0 COMMENT '1 withdraws the row'
)
ENGINE = ReplacingMergeTree(version, is_deleted)
ORDER BY (chain_id, address, mark)
COMMENT 'One row per address and mark'
