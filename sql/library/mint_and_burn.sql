-- How much of a token was created and destroyed, by day.
--
-- question: When was a token minted and burnt, and how did that change what is in circulation? By its transfers from
--   and to the zero address; wrapping and unwrapping count as such.
-- tags: tokens, supply
-- param token_address: Token contract.
-- column day: Day, UTC
-- column net [tokens]: Created less destroyed, by the token's decimals; NULL where those are unknown
-- column minted_amount [smallest units]: Created, exact
-- column burnt_amount [smallest units]: Destroyed, exact
-- column mints: Times some was created
-- column burns: Times some was destroyed
-- chart: day, net
-- example: chainsight query run mint_and_burn --param token_address=0xee00f57d5a4da7332fbc6982f7e918f41f287ba7
WITH (
    SELECT max(decimals) FROM tokens
    WHERE chain_id = {chain_id:UInt64} AND token_address = unhex(substring({token_address:String}, 3))
) AS places
SELECT
    toDate(block_timestamp) AS day,
    (toFloat64(minted_amount) - toFloat64(burnt_amount)) / exp10(places) AS net,
    sumIf(amount, from_address = unhex(repeat('00', 20))) AS minted_amount,
    sumIf(amount, to_address = unhex(repeat('00', 20))) AS burnt_amount,
    countIf(from_address = unhex(repeat('00', 20))) AS mints,
    countIf(to_address = unhex(repeat('00', 20))) AS burns
FROM transfers
WHERE chain_id = {chain_id:UInt64}
    AND block_number BETWEEN {from_block:UInt64} AND {to_block:UInt64}
    AND token_address = unhex(substring({token_address:String}, 3))
    AND kind IN ('erc20', 'wrap')
    AND NOT is_left_out
    AND (from_address = unhex(repeat('00', 20)) OR to_address = unhex(repeat('00', 20)))
GROUP BY day
ORDER BY day
