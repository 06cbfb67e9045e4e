-- What an address gave or received most often, asset by asset: where a trace without a token begins.
--
-- Coins and fungible tokens within the window; neither collectibles, of which each is an asset of its own, nor marked spam.
SELECT token_address, count() AS transfer_count
FROM address_transfers
WHERE chain_id = {chain_id:UInt64} AND address IN (SELECT arrayJoin({addresses:Array(FixedString(20))}))
    AND block_number BETWEEN {since_block:UInt64} AND {until_block:UInt64}
    AND direction = {direction:String} AND kind IN ('native', 'internal', 'erc20', 'wrap')
    AND amount > 0 AND NOT amount_overflow AND doubt = '' AND address != counterparty_address
    AND token_address NOT IN (SELECT token_address FROM token_marks WHERE chain_id = {chain_id:UInt64} AND is_spam)
GROUP BY token_address
ORDER BY transfer_count DESC, token_address
