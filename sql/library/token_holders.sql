-- Who holds the most of a token.
--
-- question: Which addresses held a token at the end of a block, what share of all held balances does each have, and
--   who are they?
-- tags: tokens, balances
-- param token_address: Token contract; zeros for the native coin. [default
--   0x0000000000000000000000000000000000000000]
-- column rank: 1 holds the most
-- column holder: Address
-- column quantity [coins or tokens]: Balance, by the token's decimals; NULL where those are unknown
-- column amount [smallest units]: The same, exact
-- column share: Part of all positive balances, 0 to 1
-- column label: What a source says of the holder now; empty where none does
-- chart: holder, quantity
-- example: chainsight query run token_holders --param token_address=0xee00f57d5a4da7332fbc6982f7e918f41f287ba7 --param most=10
WITH (
    SELECT if({token_address:String} = concat('0x', repeat('0', 40)), 18, max(decimals)) FROM tokens
    WHERE chain_id = {chain_id:UInt64} AND token_address = unhex(substring({token_address:String}, 3))
) AS places
SELECT
    row_number() OVER (ORDER BY held.balance DESC, held.address) AS rank,
    concat('0x', lower(hex(held.address))) AS holder,
    toFloat64(held.balance) / exp10(places) AS quantity,
    held.balance AS amount,
    toFloat64(held.balance) / sum(toFloat64(held.balance)) OVER () AS share,
    arrayFirst(name -> name.valid_from <= now() AND now() < name.valid_to, said.names).label AS label
FROM (
    SELECT address, sum(delta) AS balance
    FROM balance_changes
    WHERE chain_id = {chain_id:UInt64}
        AND block_number <= {to_block:UInt64}
        AND token_address = unhex(substring({token_address:String}, 3))
        AND standard IN ('native', 'erc20')
    GROUP BY address
    HAVING balance > 0
) AS held
LEFT JOIN (SELECT address, names FROM address_names WHERE chain_id = {chain_id:UInt64}) AS said ON said.address = held.address
ORDER BY rank
LIMIT {most:UInt64}
