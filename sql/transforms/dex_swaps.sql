-- Trades by the Swap events of Uniswap v2 and v3 pools and their forks, with the tokens that moved for them.
--
-- builds: dex_swaps
-- grain: chain_id, log
-- scope: block
--
-- The event says two amounts and no token. What the transaction moved in to and out of the pool since its last swap tells: of
-- one token exactly as much as the event says (amounts), or one token alone that way, where it takes a fee (direction).
-- Anything else stays unknown and says why (doubt). Other events with the same first topic are no swaps and are left out.
-- Sources: UniswapV2Pair.sol, IUniswapV3PoolEvents.sol, IPancakeV3PoolEvents.sol (two words of protocol fees more).
INSERT INTO dex_swaps (
    chain_id, block_number, block_hash, block_timestamp, transaction_index, transaction_hash, log_index, pool, form, trader, sender,
    recipient, token_in, amount_in, token_out, amount_out, in_is_token0, tokens_by, doubt, numeraire, sqrt_price_x96, liquidity,
    tick, version
)
WITH
    arrayMap(text -> unhex(substring(text, 3)), arrayConcat({stablecoins:Array(String)}, {wrapped_natives:Array(String)})) AS numeraires,
    bitShiftLeft(toUInt256(1), 224) AS beyond,
    events AS (
        SELECT
            *,
            multiIf(
                topics[1] = unhex('d78ad95fa46c994b6551d0da85fc275fe613ce37657fb8d5e3d130840159d822'), 'uniswap_v2',
                topics[1] = unhex('c42079f94a6350d7e6235f29174924f928cc2ac818eb64fed8004e115fbcca67'), 'uniswap_v3',
                'pancake_v3'
            ) AS form,
            arrayMap(at -> reinterpretAsUInt256(reverse(substring(data, 32 * at + 1, 32))), range(5)) AS words,
            arrayMap(word -> if(form = 'uniswap_v2', word, if(reinterpretAsInt256(word) < 0, bitNot(word) + 1, word)), words) AS sizes,
            arrayExists(size -> size >= beyond, arraySlice(sizes, 1, if(form = 'uniswap_v2', 4, 2))) AS out_of_range,
            -- As the pool sees it: what it took is positive.
            if(out_of_range, toInt256(0), toInt256(words[1]) - if(form = 'uniswap_v2', toInt256(words[3]), toInt256(0))) AS amount0,
            if(out_of_range, toInt256(0), toInt256(words[2]) - if(form = 'uniswap_v2', toInt256(words[4]), toInt256(0))) AS amount1,
            lagInFrame(toInt64(log_index), 1, -1) OVER (
                PARTITION BY block_number, transaction_index, address ORDER BY log_index ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
            ) AS swap_before
        FROM logs
        WHERE chain_id = {chain_id:UInt64}
            AND block_number BETWEEN {from_block:UInt64} AND {to_block:UInt64}
            AND length(topics) = 3
            AND (hex(topics[1]), length(data)) IN (
                ('D78AD95FA46C994B6551D0DA85FC275FE613CE37657FB8D5E3D130840159D822', 128),
                ('C42079F94A6350D7E6235F29174924F928CC2AC818EB64FED8004E115FBCCA67', 160),
                ('19B47279256B2A23A1665C810C8D55A1758940EE09377D4F8D26497A3577DC83', 224)
            )
    ),
    moves AS (
        SELECT block_number, transaction_index, position, token_address, side.1 AS pool, side.2 * toInt256(amount) AS moved
        FROM transfers
        ARRAY JOIN [(to_address, 1), (from_address, -1)] AS side
        WHERE chain_id = {chain_id:UInt64}
            AND block_number BETWEEN {from_block:UInt64} AND {to_block:UInt64}
            AND kind = 'erc20'
            AND NOT amount_overflow
            AND token_address != side.1
            AND (block_number, side.1) IN (SELECT block_number, address FROM events)
    ),
    nets AS (
        SELECT e.block_number AS block_number, e.log_index AS log_index, m.token_address AS token, sum(m.moved) AS net,
            any(e.amount0) AS amount0, any(e.amount1) AS amount1
        FROM events AS e
        INNER JOIN moves AS m ON m.block_number = e.block_number AND m.transaction_index = e.transaction_index AND m.pool = e.address
        WHERE m.position > e.swap_before AND m.position < e.log_index
        GROUP BY block_number, log_index, token
        HAVING net != 0
    ),
    evidence AS (
        SELECT
            block_number,
            log_index,
            groupArrayIf(token, net = amount0) AS exact0,
            groupArrayIf(token, net = amount1) AS exact1,
            groupArrayIf(token, (net > 0) = (amount0 > 0)) AS way0,
            groupArrayIf(token, (net > 0) = (amount1 > 0)) AS way1,
            if(length(exact0) = 1, exact0, if(empty(exact0), way0, exact0)) AS side0,
            if(length(exact1) = 1, exact1, if(empty(exact1), way1, exact1)) AS side1,
            1 AS is_known
        FROM nets
        GROUP BY block_number, log_index
    )
SELECT
    e.chain_id, e.block_number, e.block_hash, e.block_timestamp, e.transaction_index, e.transaction_hash, e.log_index, e.address,
    e.form, t.from_address, substring(e.topics[2], 13), substring(e.topics[3], 13),
    if(doubt = '', if(in_is_token0, v.side0[1], v.side1[1]), NULL) AS token_in,
    toUInt256(abs(if(in_is_token0, e.amount0, e.amount1))),
    if(doubt = '', if(in_is_token0, v.side1[1], v.side0[1]), NULL) AS token_out,
    toUInt256(abs(if(in_is_token0, e.amount1, e.amount0))),
    e.amount0 > 0 AS in_is_token0,
    multiIf(doubt != '', '', length(v.exact0) = 1 AND length(v.exact1) = 1, 'amounts', 'direction'),
    multiIf(
        e.out_of_range, 'out_of_range',
        (e.amount0 > 0) = (e.amount1 > 0) OR e.amount0 = 0 OR e.amount1 = 0, 'one_sided',
        empty(v.side0) OR empty(v.side1), 'no_token',
        length(v.side0) > 1 OR length(v.side1) > 1, 'several_tokens',
        ''
    ) AS doubt,
    arraySort(token -> indexOf(numeraires, CAST(token AS String)), arrayFilter(
        token -> has(numeraires, CAST(token AS String)), arrayFilter(token -> isNotNull(token), [token_in, token_out])
    ))[1],
    if(e.form = 'uniswap_v2', NULL, e.words[3]),
    if(e.form = 'uniswap_v2', NULL, e.words[4]),
    if(e.form = 'uniswap_v2', NULL, toInt32(reinterpretAsInt256(e.words[5]))),
    {version:UInt64}
FROM events AS e
LEFT JOIN evidence AS v ON v.block_number = e.block_number AND v.log_index = e.log_index
LEFT JOIN
(
    SELECT block_number, transaction_index, toNullable(from_address) AS from_address
    FROM transactions
    WHERE chain_id = {chain_id:UInt64} AND block_number BETWEEN {from_block:UInt64} AND {to_block:UInt64}
) AS t ON t.block_number = e.block_number AND t.transaction_index = e.transaction_index
