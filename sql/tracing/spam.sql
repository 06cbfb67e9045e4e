-- Spam tokens of some addresses that have many rows, as one number for each pair of address and token; not what was asked about.
SELECT DISTINCT sipHash64(address, token_address) AS spam_key
FROM address_transfers
PREWHERE chain_id = {chain_id:UInt64} AND address IN (SELECT arrayJoin({addresses:Array(FixedString(20))}))
WHERE block_number <= {until_block:UInt64}
    AND token_address IN (SELECT token_address FROM token_marks FINAL WHERE chain_id = {chain_id:UInt64} AND is_spam)
    AND token_address NOT IN (SELECT arrayJoin({asked_tokens:Array(FixedString(20))}))
SETTINGS final = 0
