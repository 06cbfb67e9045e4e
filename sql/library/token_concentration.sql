-- How evenly a token is spread over its holders.
--
-- question: How many hold a token, how unequal are they (Gini coefficient), and what do the largest one and ten have
--   together? The Gini coefficient is 0 where all have the same and nears 1 where one has all (Gini 1912).
-- tags: tokens, balances
-- param token_address: Token contract; zeros for the native coin. [default
--   0x0000000000000000000000000000000000000000]
-- column holders: Addresses with a balance above zero
-- column quantity [coins or tokens]: All their balances, by the token's decimals; NULL where those are unknown
-- column gini: Gini coefficient of the balances, 0 to 1
-- column top_share: Share of the largest holder
-- column top_10_share: Share of the ten largest
-- column half_in: Holders, the largest first, who together have half of it
-- example: chainsight query run token_concentration --param token_address=0xee00f57d5a4da7332fbc6982f7e918f41f287ba7
WITH
    arraySort(groupArray(toFloat64(balance))) AS rising,
    arrayReverse(rising) AS falling,
    arraySum(rising) AS total
SELECT
    count() AS holders,
    total / exp10((
        SELECT if({token_address:String} = concat('0x', repeat('0', 40)), 18, max(decimals)) FROM tokens
        WHERE chain_id = {chain_id:UInt64} AND token_address = unhex(substring({token_address:String}, 3))
    )) AS quantity,
    if(holders = 0, NULL,
        2 * arraySum(arrayMap((held, place) -> held * place, rising, arrayEnumerate(rising))) / (holders * total) - (holders + 1) / holders
    ) AS gini,
    if(holders = 0, NULL, falling[1] / total) AS top_share,
    if(holders = 0, NULL, arraySum(arraySlice(falling, 1, 10)) / total) AS top_10_share,
    arrayFirstIndex(held -> held >= total / 2, arrayCumSum(falling)) AS half_in
FROM (
    SELECT address, sum(delta) AS balance
    FROM balance_changes
    WHERE chain_id = {chain_id:UInt64}
        AND block_number <= {to_block:UInt64}
        AND token_address = unhex(substring({token_address:String}, 3))
        AND standard IN ('native', 'erc20')
    GROUP BY address
    HAVING balance > 0
)
