-- Tokens whose maker takes the liquidity away after many have bought, and leaves them with what nobody buys: rug pulls.
--
-- method: Xia et al. (2021), Trade or trick? Detecting scam tokens on Uniswap; Mazorra et al. (2022), Do not rug on me
-- grain: address and role
--
-- Liquidity is put in or taken out when both sides of a pool move the same way in one transaction, whatever the pool's make.
WITH
    pools AS
    (
        SELECT pool, assumeNotNull(any(numeraire)) AS money, assumeNotNull(any(if(token_in = numeraire, token_out, token_in))) AS coin
        FROM dex_swaps
        WHERE chain_id = {chain_id:UInt64} AND block_number <= {as_of_block:UInt64} AND doubt = '' AND numeraire IS NOT NULL
        GROUP BY pool
    ),
    changes AS
    (
        SELECT
            p.pool AS pool, t.block_number AS block_number, t.transaction_index AS transaction_index,
            any(t.transaction_hash) AS transaction_hash, any(t.block_timestamp) AS at,
            sumIf(if(t.to_address = p.pool, 1, -1) * toFloat64(t.amount), t.token_address = p.money) AS money_in,
            sumIf(if(t.to_address = p.pool, 1, -1) * toFloat64(t.amount), t.token_address = p.coin) AS coins_in
        FROM
        (
            SELECT arrayJoin([from_address, to_address]) AS party, * FROM transfers
            WHERE chain_id = {chain_id:UInt64} AND block_number <= {as_of_block:UInt64} AND kind = 'erc20' AND NOT amount_overflow
                AND (from_address IN (SELECT pool FROM pools) OR to_address IN (SELECT pool FROM pools))
        ) AS t
        INNER JOIN pools AS p ON p.pool = t.party
        GROUP BY pool, block_number, transaction_index
    ),
    reserves AS
    (
        SELECT
            *,
            sum(money_in) OVER (
                PARTITION BY pool ORDER BY block_number, transaction_index ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
            ) - money_in AS money_before
        FROM changes
    ),
    provided AS
    (
        SELECT c.*, x.from_address AS signer
        FROM reserves AS c
        INNER JOIN transactions AS x
            ON x.chain_id = {chain_id:UInt64} AND x.block_number = c.block_number AND x.transaction_index = c.transaction_index
        WHERE (money_in > 0 AND coins_in > 0) OR (money_in < 0 AND coins_in < 0)
    ),
    pulled AS
    (
        SELECT
            pool, signer, min(at) AS began_at, sumIf(money_in, money_in > 0) AS put_in, sumIf(-money_in, money_in < 0) AS took_out,
            max(if(money_in < 0, -money_in / money_before, 0)) AS largest_share, maxIf(block_number, money_in < 0) AS pulled_block,
            maxIf(at, money_in < 0) AS pulled_at, groupArray(10)(transaction_hash) AS liquidity_changes
        FROM provided
        GROUP BY pool, signer
        HAVING put_in > 0 AND took_out >= {min_gain:Float64} * put_in AND largest_share >= {min_removed:Float64}
            AND pulled_at - began_at <= {window_seconds:UInt64}
    ),
    buyers AS
    (
        SELECT
            s.pool AS pool, assumeNotNull(s.trader) AS buyer, sumIf(toFloat64(s.amount_out), s.token_out = p.coin) AS bought,
            sumIf(toFloat64(s.amount_in), s.token_in = p.coin) AS sold, min(s.transaction_hash) AS buying
        FROM dex_swaps AS s
        INNER JOIN pools AS p ON p.pool = s.pool
        INNER JOIN pulled ON pulled.pool = s.pool
        WHERE s.chain_id = {chain_id:UInt64} AND s.block_number <= pulled.pulled_block AND s.trader IS NOT NULL AND s.trader != pulled.signer
        GROUP BY pool, buyer
        HAVING bought > 0
    ),
    rugs AS
    (
        SELECT
            p.pool AS pool, p.signer AS maker, any(k.coin) AS coin, count() AS buyer_count, countIf(sold < 0.1 * bought) AS stuck_count,
            groupArrayIf(buyer, sold < 0.1 * bought) AS stuck, any(largest_share) AS removed_share, any(took_out / put_in) AS gain,
            any(pulled_at - began_at) AS lived_seconds, arrayConcat(any(liquidity_changes), groupArray(20)(buying)) AS transactions
        FROM pulled AS p
        INNER JOIN buyers AS b ON b.pool = p.pool
        INNER JOIN pools AS k ON k.pool = p.pool
        GROUP BY pool, maker
        HAVING buyer_count >= {min_buyers:UInt64} AND stuck_count >= {min_stuck:Float64} * buyer_count
    )
SELECT
    part.1 AS address,
    part.2 AS role,
    removed_share * (1 - 1 / stuck_count) AS strength,
    concat(
        multiIf(role = 'victim', 'Was left with', role = 'contract', 'Is', 'Pulled the liquidity of'), ' token 0x', lower(hex(coin)), ': ',
        toString(buyer_count), ' bought it, then ', toString(round(100 * removed_share, 1)), ' % of the pool''s money was taken out, ',
        toString(round(gain, 2)), ' times what had been put in, after ', toString(round(lived_seconds / 3600, 1)), ' hours; ',
        toString(stuck_count), ' buyers never sold.'
    ) AS sentence,
    arraySlice(arrayDistinct(transactions), 1, 30) AS evidence
FROM rugs
ARRAY JOIN arrayConcat([(maker, 'actor'), (coin, 'contract')], arrayMap(a -> (a, 'victim'), stuck)) AS part
