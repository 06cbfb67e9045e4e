-- How many transfers tracing would read of addresses that have many rows, and which spam tokens are among the rest.
--
-- Counted is what tracing reads: until the block, with an amount, not in doubt; not what others send to make somebody look busy.
SELECT
    address,
    countIf(NOT is_spam AND amount > 0 AND NOT amount_overflow AND doubt = '' AND address != counterparty_address) AS transfer_count,
    groupUniqArrayIf(token_address, is_spam) AS spam_tokens
FROM (
    SELECT
        *,
        token_address IN (SELECT token_address FROM token_marks WHERE chain_id = {chain_id:UInt64} AND is_spam) AS is_spam
    FROM address_transfers
    WHERE chain_id = {chain_id:UInt64} AND address IN {addresses:Array(FixedString(20))} AND block_number <= {until_block:UInt64}
)
GROUP BY address
