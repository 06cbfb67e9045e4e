-- What each address had at the end of a block: SELECT … FROM balances_at(block = 17686110).
--
-- The same sums as in `balances`, over the blocks up to the one that is named.
CREATE VIEW IF NOT EXISTS balances_at AS
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
WHERE block_number <= {block:UInt64}
GROUP BY chain_id, address, token_address, standard, token_id
COMMENT 'One row per address and token that changed up to the block, in smallest units'
