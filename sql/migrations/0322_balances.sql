-- What each address has now: the sum of all its changes up to the last committed block.
--
-- Exact where the store has all blocks from the first one on and the token does what its events say; what an address had before
-- (genesis allocations, blocks that were not ingested) is not in it, so balances can be negative. Tokens that take fees or grow by
-- themselves differ from what their contract answers. left_out_count says where something could not be added up.
CREATE VIEW IF NOT EXISTS balances
(
    chain_id UInt64 COMMENT 'EIP-155 chain id',
    address FixedString(20) COMMENT 'Whose balance; never the zero address, which stands for nobody',
    token_address FixedString(20) COMMENT 'Token contract; zeros for the native coin',
    standard LowCardinality(String) COMMENT 'native, erc20, erc721 or erc1155; wrapping and unwrapping count as erc20',
    token_id UInt256 COMMENT 'ERC-721 or ERC-1155 id, else 0',
    balance Int256 COMMENT 'Smallest units; negative where what it had before the first stored block is missing',
    change_count UInt64 COMMENT 'Transfers and rewards in it',
    left_out_count UInt64 COMMENT 'Transfers that are not in it: amounts from 2^224 up, or in doubt about what they moved',
    first_block UInt64 COMMENT 'First block in which it changed',
    last_block UInt64 COMMENT 'Last block in which it changed',
    last_timestamp DateTime('UTC') COMMENT 'Time of that block'
)
AS SELECT
    chain_id,
    address,
    token_address,
    standard,
    token_id,
    sum(delta) AS balance,
    sum(change_count) AS change_count,
    sum(left_out_count) AS left_out_count,
    min(block_number) AS first_block,
    max(block_number) AS last_block,
    max(block_timestamp) AS last_timestamp
FROM balance_changes
GROUP BY chain_id, address, token_address, standard, token_id
COMMENT 'One row per address and token, in smallest units; balances_at(block = N) says the same of any block'
