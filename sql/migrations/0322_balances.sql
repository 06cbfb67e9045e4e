-- What each address has now: the sum of all its changes up to the last committed block.
--
-- Exact where the store has all blocks from the first one on and the token does what its events say; what an address had before
-- (genesis allocations, blocks that were not ingested) is not in it, so balances can be negative. Tokens that take fees or grow by
-- themselves differ from what their contract answers. left_out_count says where something could not be added up.
CREATE VIEW IF NOT EXISTS balances AS
SELECT
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
