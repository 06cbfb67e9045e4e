-- Pairs that send the same thing back and forth.
--
-- question: Which two addresses gave each other a token or coin several times in both directions, with little left
--   over? Labelled services are left out, for everybody trades back and forth with them. That is how wash trading
--   looks, and how friends look who lend each other money: read it together with who they are.
-- tags: risk, counterparties, tokens
-- param least_each_way: Transfers needed in each direction. [default 2]
-- param most_left: Largest share of the turnover that may be left with one of them, 0 to 1. [default 0.2]
-- column one: One address
-- column other: The other one
-- column token: Token contract; zeros for the native coin
-- column there: Transfers from one to the other
-- column back: Transfers back
-- column quantity [coins or tokens]: Moved both ways, by the token's decimals; NULL where those are unknown
-- column left_share: What is left with one of them as a share of what moved, 0 to 1
-- column first_at: Time of the first one
-- column last_at: Time of the last one
-- example: chainsight query run wash_like_pairs
WITH services AS
(
    SELECT address
    FROM address_actors
    WHERE chain_id = {chain_id:UInt64}
        AND valid_from <= now()
        AND now() < valid_to
        AND category IN ('exchange', 'hot_wallet', 'deposit', 'dex', 'bridge', 'defi', 'token_contract', 'nft', 'gambling', 'wallet_app')
)
SELECT
    concat('0x', lower(hex(pair.low))) AS one,
    concat('0x', lower(hex(pair.high))) AS other,
    concat('0x', lower(hex(pair.token_address))) AS token,
    pair.there AS there,
    pair.back AS back,
    (pair.moved_there + pair.moved_back) / exp10(if(pair.kinds = ['native'], 18, known.decimals)) AS quantity,
    abs(pair.moved_there - pair.moved_back) / (pair.moved_there + pair.moved_back) AS left_share,
    pair.first_at AS first_at,
    pair.last_at AS last_at
FROM (
    SELECT
        least(from_address, to_address) AS low,
        greatest(from_address, to_address) AS high,
        token_address,
        groupUniqArray(if(kind = 'internal', 'native', CAST(kind AS String))) AS kinds,
        countIf(from_address = low) AS there,
        countIf(from_address = high) AS back,
        sumIf(toFloat64(amount), from_address = low) AS moved_there,
        sumIf(toFloat64(amount), from_address = high) AS moved_back,
        min(block_timestamp) AS first_at,
        max(block_timestamp) AS last_at
    FROM transfers
    WHERE chain_id = {chain_id:UInt64}
        AND block_number BETWEEN {from_block:UInt64} AND {to_block:UInt64}
        AND kind IN ('native', 'internal', 'erc20')
        AND from_address != to_address
        AND amount > 0
        AND NOT is_left_out
        AND from_address != unhex(repeat('00', 20))
        AND to_address != unhex(repeat('00', 20))
        AND from_address NOT IN (SELECT address FROM services)
        AND to_address NOT IN (SELECT address FROM services)
    GROUP BY low, high, token_address
    HAVING there >= {least_each_way:UInt64} AND back >= {least_each_way:UInt64}
) AS pair
LEFT JOIN (
    SELECT token_address, any(tokens.decimals) AS decimals FROM tokens WHERE chain_id = {chain_id:UInt64} GROUP BY token_address
) AS known ON known.token_address = pair.token_address
WHERE left_share <= {most_left:Float64}
ORDER BY there + back DESC, left_share, one, other, token
LIMIT {most:UInt64}
