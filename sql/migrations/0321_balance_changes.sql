-- What each block did to the balance of each address, by token: the balances are sums of it, at any block.
CREATE TABLE IF NOT EXISTS balance_changes
(
    chain_id UInt64 COMMENT 'EIP-155 chain id',
    address FixedString(20) COMMENT 'Whose balance changed; never the zero address, which stands for nobody',
    token_address FixedString(20) COMMENT 'Token contract; zeros for the native coin',
    standard LowCardinality(String) COMMENT 'native, erc20, erc721 or erc1155; wrapping and unwrapping count as erc20',
    token_id UInt256 COMMENT 'ERC-721 or ERC-1155 id, else 0',
    block_number UInt64 CODEC(Delta, ZSTD) COMMENT 'Height',
    block_timestamp DateTime('UTC') CODEC(Delta, ZSTD) COMMENT 'Time of the block',
    delta Int256 COMMENT 'What the block added, in smallest units; negative where it took away. Of the native coin: payments, calls, gas, tips, validator withdrawals and, before the merge, block rewards',
    change_count UInt32 COMMENT 'Transfers and rewards in it',
    left_out_count UInt32 COMMENT 'Transfers that are not in delta: amounts from 2^224 up, wrapping by unlisted contracts, amounts that may be ids',
    version UInt64 COMMENT 'Grows with every write; the highest wins',
    is_deleted UInt8 DEFAULT 0 COMMENT '1 withdraws the row'
)
ENGINE = ReplacingMergeTree(version, is_deleted)
PARTITION BY (chain_id, intDiv(block_number, 1000000))
ORDER BY (chain_id, address, token_address, standard, token_id, block_number)
COMMENT 'One row per address, token and block in which the balance changed'
