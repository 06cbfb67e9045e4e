-- Who an address belongs to, of all that sources say of it: one actor at a time for each aspect.
CREATE TABLE IF NOT EXISTS address_actors
(
    chain_id UInt64 COMMENT 'EIP-155 chain id',
    address FixedString(20) COMMENT 'Address',
    aspect LowCardinality(String) COMMENT 'service (what it does for others: exchange, bridge, mixer …), conduct (illicit, licit, victim) or kind (what else it is: token, collection, bot …); see chainsight/categories.py',
    valid_from DateTime('UTC') COMMENT 'Since when; 1970 means always',
    valid_to DateTime('UTC') COMMENT 'Until when; 2106 means open',
    category LowCardinality(String) COMMENT 'Category of the label that won',
    actor LowCardinality(String) COMMENT 'Who: the label''s name up to a colon, without numbers and words for kinds of wallets, in lower case; 0x… of the address where the label has no name',
    label String COMMENT 'The label that won, as its source writes it',
    source LowCardinality(String) COMMENT 'Who says so',
    confidence Float64 COMMENT '0 to 1, of that label',
    contenders UInt32 COMMENT 'Labels of this aspect that held at the time, the winner among them',
    version UInt64 COMMENT 'Grows with every write; the highest wins',
    is_deleted UInt8 DEFAULT 0 COMMENT '1 withdraws the row'
)
ENGINE = ReplacingMergeTree(version, is_deleted)
ORDER BY (chain_id, address, aspect, valid_from)
COMMENT 'One row per address, aspect and time between two changes of what labels say'
