-- How much an address had of a coin or token at the end of each day it changed.
--
-- question: How did the balance of this address develop? What it had before the first stored block is not in it, so
--   the line may begin below zero.
-- tags: wallet, balances
-- param address: Whose balance.
-- param token_address: Token contract; zeros for the native coin. [default
--   0x0000000000000000000000000000000000000000]
-- column day: Day, UTC
-- column quantity [coins or tokens]: Balance at its end, by the token's decimals; NULL where those are unknown
-- column amount [smallest units]: The same, exact
-- column changed_amount [smallest units]: What the day added or took away
-- chart: day, quantity
-- example: chainsight query run balance_history --param address=0x93d8ab708cae43a30bedcf892a0c387bdf8a0af5
WITH (
    SELECT if({token_address:String} = concat('0x', repeat('0', 40)), 18, max(decimals)) FROM tokens
    WHERE chain_id = {chain_id:UInt64} AND token_address = unhex(substring({token_address:String}, 3))
) AS places
SELECT
    day,
    toFloat64(amount) / exp10(places) AS quantity,
    sum(changed_amount) OVER (ORDER BY day ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS amount,
    changed_amount
FROM (
    SELECT toDate(block_timestamp) AS day, sum(delta) AS changed_amount
    FROM balance_changes
    WHERE chain_id = {chain_id:UInt64}
        AND block_number <= {to_block:UInt64}
        AND address = unhex(substring({address:String}, 3))
        AND token_address = unhex(substring({token_address:String}, 3))
        AND standard IN ('native', 'erc20')
    GROUP BY day
)
ORDER BY day
