-- The largest transfers of the native coin or of a token.
--
-- question: Which single movements were the largest, between whom and when? Fees are left out, and so are amounts
--   that nothing can be or that may not have moved.
-- tags: transfers, tokens
-- param token_address: Token contract; zeros for the native coin. [default
--   0x0000000000000000000000000000000000000000]
-- param most: At most so many transfers. [default 20]
-- column block_timestamp: When
-- column kind: native, internal, erc20, wrap …
-- column giver: Who gave it; zeros where it was created
-- column receiver: Who got it; zeros where it was destroyed
-- column quantity [coins or tokens]: How much, by the token's decimals; NULL where those are unknown
-- column amount [smallest units]: The same, exact
-- column transaction_hash: Where
-- column block_number: Height
-- chart: block_timestamp, quantity, kind
-- example: chainsight query run largest_transfers --param token_address=0xee00f57d5a4da7332fbc6982f7e918f41f287ba7 --param most=10
WITH (
    SELECT if({token_address:String} = concat('0x', repeat('0', 40)), 18, max(decimals)) FROM tokens
    WHERE chain_id = {chain_id:UInt64} AND token_address = unhex(substring({token_address:String}, 3))
) AS places
SELECT
    block_timestamp,
    CAST(kind AS String) AS kind,
    concat('0x', lower(hex(from_address))) AS giver,
    concat('0x', lower(hex(to_address))) AS receiver,
    toFloat64(amount) / exp10(places) AS quantity,
    amount,
    concat('0x', lower(hex(transaction_hash))) AS transaction_hash,
    block_number
FROM transfers
WHERE chain_id = {chain_id:UInt64}
    AND block_number BETWEEN {from_block:UInt64} AND {to_block:UInt64}
    AND token_address = unhex(substring({token_address:String}, 3))
    AND kind NOT IN ('fee', 'erc721')
    AND NOT is_left_out
ORDER BY amount DESC, block_number, transaction_index, kind, position, batch_index
LIMIT {most:UInt64}
