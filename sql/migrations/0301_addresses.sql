-- Dense numbers for addresses, so that graph engines work with small integers.
CREATE TABLE IF NOT EXISTS addresses
(
    chain_id UInt64 COMMENT 'EIP-155 chain id',
    address FixedString(20) COMMENT 'Address',
    address_id UInt64 COMMENT 'Dense number from 0, never reused on its chain',
    first_block UInt64 COMMENT 'Block of its first transfer',
    version UInt64 COMMENT 'Grows with every write; the highest wins',
    is_deleted UInt8 DEFAULT 0 COMMENT '1 withdraws the row'
)
ENGINE = ReplacingMergeTree(version, is_deleted)
ORDER BY (chain_id, address)
COMMENT 'One row per address that gave or received something'
