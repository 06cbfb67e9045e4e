-- How each address behaved within a range of blocks: numbers without a clock, one row per address that did anything.
--
-- An act is a transfer seen from one of its ends, gas apart, or a call that moves no coins, seen from either end. Amounts count
-- without those that nothing can be (amount_overflow) or that may not be what their events say (doubt). What has no answer is
-- NaN: how fast it passes money on, of an address that got none. graph/segments/traits.py says what each column means.
WITH
    acts AS (
        SELECT
            address, counterparty_address AS other, direction = 'out' AS is_out,
            toUnixTimestamp(block_timestamp) AS acted_at, block_number, transaction_index,
            CAST(kind AS String) AS kind, token_address AS token, amount = 0 AS is_zero,
            if(amount_overflow = 1 OR doubt != '', 0., toFloat64(amount)) AS size
        FROM address_transfers
        WHERE chain_id = {chain_id:UInt64} AND block_number BETWEEN {first_block:UInt64} AND {last_block:UInt64} AND kind != 'fee'
        UNION ALL
        SELECT
            if(side = 1, from_address, assumeNotNull(to_address)), if(side = 1, assumeNotNull(to_address), from_address), side,
            toUnixTimestamp(block_timestamp), block_number, transaction_index, 'call', toFixedString('', 20), 1, 0.
        FROM transactions
        ARRAY JOIN [0, 1] AS side
        WHERE chain_id = {chain_id:UInt64} AND block_number BETWEEN {first_block:UInt64} AND {last_block:UInt64}
            AND value = 0 AND to_address IS NOT NULL
    ),
    ordered AS (
        SELECT
            *,
            if(row_number() OVER before = 1, NULL, acted_at - lagInFrame(acted_at) OVER before) AS gap,
            if(is_out, acted_at - nullIf(maxIf(acted_at, NOT is_out AND kind != 'call') OVER before, 0), NULL) AS since_in
        FROM acts
        WINDOW before AS (
            PARTITION BY address ORDER BY block_number, transaction_index, is_out
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        )
    ),
    activity AS (
        SELECT
            address,
            count() AS acts,
            avg(is_out) AS out_share,
            avg(kind = 'call') AS call_share,
            avg(kind IN ('erc20', 'wrap')) AS token_share,
            avg(kind IN ('erc721', 'erc1155')) AS collectible_share,
            avgIf(is_zero, kind != 'call') AS zero_share,
            avg(NOT is_out AND other = toFixedString('', 20) AND kind IN ('erc20', 'erc721', 'erc1155')) AS mint_share,
            ifNull((stddevPop(gap) - avg(gap)) / nullIf(stddevPop(gap) + avg(gap), 0), nan) AS burstiness,
            ifNull(quantileExactIf(0.5)(toFloat64(since_in), since_in IS NOT NULL), nan) AS delay_seconds,
            avgIf(ifNull(since_in <= 3600, 0), is_out) AS quick_share,
            entropy(intDiv(acted_at, 3600) % 24) AS hour_spread,
            groupBitOr(bitShiftLeft(toUInt32(1), intDiv(acted_at, 3600) % 24)) AS hours,
            uniqExact(intDiv(acted_at, 86400)) AS active_days,
            min(acted_at) AS first_at,
            max(acted_at) AS last_at,
            1 - uniqExactIf((token, size), is_out AND size > 0) / nullIf(countIf(is_out AND size > 0), 0) AS repeat_share,
            (
                uniqExactIf((block_number, transaction_index), is_out AND size > 0)
                + uniqExactIf((block_number, transaction_index), NOT is_out AND size > 0)
                - uniqExactIf((block_number, transaction_index), size > 0)
            ) / nullIf(uniqExactIf((block_number, transaction_index), size > 0), 0) AS exchange_share,
            sumIf(size, is_out AND token = toFixedString('', 20)) / exp10({native_decimals:UInt8}) AS coins_out,
            sumIf(size, NOT is_out AND token = toFixedString('', 20)) / exp10({native_decimals:UInt8}) AS coins_in,
            uniqExactIf(token, token != toFixedString('', 20)) AS tokens,
            countIf(is_out) AS outs
        FROM ordered
        WHERE address != toFixedString('', 20)
        GROUP BY address
    ),
    parties AS (
        SELECT
            address,
            countIf(ins > 0) AS givers,
            countIf(outs > 0) AS receivers,
            max(ins) / nullIf(sum(ins), 0) AS top_giver_share,
            max(outs) / nullIf(sum(outs), 0) AS top_receiver_share,
            countIf(ins > 0 AND outs > 0) / count() AS mutual_share
        FROM (
            SELECT address, other, countIf(NOT is_out) AS ins, countIf(is_out) AS outs
            FROM acts
            WHERE other != address AND other != toFixedString('', 20)
            GROUP BY address, other
        )
        GROUP BY address
    ),
    kept AS (
        SELECT address, avg(greatest(0., 1 - given / got)) AS kept_share
        FROM (
            SELECT address, token, sumIf(size, is_out) AS given, sumIf(size, NOT is_out) AS got
            FROM acts WHERE size > 0 GROUP BY address, token HAVING got > 0
        )
        GROUP BY address
    ),
    signed AS (
        SELECT from_address AS address, count() AS signed, uniqExactIf(method_id, input_length > 0) AS methods
        FROM transactions
        WHERE chain_id = {chain_id:UInt64} AND block_number BETWEEN {first_block:UInt64} AND {last_block:UInt64}
        GROUP BY from_address
    ),
    called AS (
        SELECT assumeNotNull(to_address) AS address, count() AS calls_received
        FROM transactions
        WHERE chain_id = {chain_id:UInt64} AND block_number BETWEEN {first_block:UInt64} AND {last_block:UInt64}
            AND to_address IS NOT NULL AND input_length > 0
        GROUP BY to_address
    ),
    traded AS (
        SELECT assumeNotNull(trader) AS address, count() AS swaps
        FROM dex_swaps
        WHERE chain_id = {chain_id:UInt64} AND block_number BETWEEN {first_block:UInt64} AND {last_block:UInt64}
            AND trader IS NOT NULL
        GROUP BY trader
    )
SELECT
    a.address AS address, acts, out_share, call_share, token_share, collectible_share, zero_share, mint_share, givers, receivers,
    ifNull(top_giver_share, nan) AS top_giver_share, ifNull(top_receiver_share, nan) AS top_receiver_share, mutual_share, tokens,
    if(coins_in = 0 AND k.kept_share = 0 AND k.address = toFixedString('', 20), nan, k.kept_share) AS kept_share,
    greatest(coins_in, coins_out) AS coins, delay_seconds, quick_share, burstiness, hour_spread, hours, active_days,
    active_days / (1 + intDiv(last_at, 86400) - intDiv(first_at, 86400)) AS active_day_share,
    acts / active_days AS acts_per_day, ifNull(repeat_share, nan) AS repeat_share, ifNull(exchange_share, nan) AS exchange_share,
    least(1., s.signed / nullIf(outs, 0)) AS signed_share, calls_received, methods, swaps
FROM activity AS a
LEFT JOIN parties AS p ON p.address = a.address
LEFT JOIN kept AS k ON k.address = a.address
LEFT JOIN signed AS s ON s.address = a.address
LEFT JOIN called AS c ON c.address = a.address
LEFT JOIN traded AS t ON t.address = a.address
ORDER BY address
