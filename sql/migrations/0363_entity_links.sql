-- Why two addresses seem to have one owner, or why that was not believed: every link of every heuristic, with its evidence.
CREATE TABLE IF NOT EXISTS entity_links
(
    chain_id UInt64 COMMENT 'EIP-155 chain id',
    left_address FixedString(20) COMMENT 'The smaller of the two addresses',
    right_address FixedString(20) COMMENT 'The larger of the two',
    heuristic LowCardinality(String) COMMENT 'What says so: deposit_reuse, gas_funding … see graph/entities/build.py',
    via_address FixedString(20) COMMENT 'Third address through which they are linked: a shared deposit address, a factory; zeros for none',
    is_hard UInt8 COMMENT '1: enough alone; 0: counts for the score of the pair',
    strength Float64 COMMENT 'How clear the pattern is, 0 to 1',
    probability Float64 COMMENT 'Of same ownership: of a soft link from all soft links of the pair, 1 for a hard one',
    outcome LowCardinality(String) COMMENT 'merged, known (they were together already), weak (below the threshold), refused_owner, refused_conduct or refused_size',
    objection String COMMENT 'What speaks against it where it was refused, in a sentence; empty otherwise',
    sentence String COMMENT 'What was seen, in one sentence',
    evidence Array(FixedString(32)) COMMENT 'Transactions that show it, at most 10',
    as_of_block UInt64 COMMENT 'Highest block this row knows',
    computed_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC') COMMENT 'When it was computed',
    version UInt64 COMMENT 'Grows with every write; the highest wins',
    is_deleted UInt8 DEFAULT 0 COMMENT '1 withdraws the row'
)
ENGINE = ReplacingMergeTree(version, is_deleted)
ORDER BY (chain_id, left_address, right_address, heuristic, via_address)
COMMENT 'One row per pair of addresses, heuristic and address between them'
