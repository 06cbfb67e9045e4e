-- How many transfers tracing would read of an address, counted no farther than is asked, so that nobody waits for a hub.
--
-- Counted is what tracing reads: until the block, with an amount, not in doubt; not what others send to make somebody look busy.
SELECT count() AS transfer_count
FROM (
    SELECT 1
    FROM address_transfers
    WHERE chain_id = {chain_id:UInt64} AND address IN (SELECT arrayJoin({addresses:Array(FixedString(20))})) AND block_number <= {until_block:UInt64}
        AND amount > 0 AND NOT amount_overflow AND doubt = '' AND address != counterparty_address
        AND (
            token_address IN (SELECT arrayJoin({asked_tokens:Array(FixedString(20))}))
            OR token_address NOT IN (SELECT token_address FROM token_marks WHERE chain_id = {chain_id:UInt64} AND is_spam)
        )
    LIMIT {most:UInt64}
)
