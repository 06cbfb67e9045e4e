-- What each address does, in further detail: rhythm, inequality of amounts, gas, approvals, look-alikes.
--
-- builds: address_detail_features
-- grain: address
--
-- Approvals are read from logs, gas prices beside the median of their block: account histories have neither whole. All of it is
-- of the first life_seconds of the address, as its moves are; what it signed to make a contract counts for gas, though it is no move.
INSERT INTO address_detail_features (chain_id, address, as_of_block, version,
    failed_count, moves_per_active_day, is_contract, net_amount, in_amount_gini, out_amount_gini, new_last_week_share,
    in_gap_min, out_gap_min, in_burstiness, out_burstiness, weekend_share, approval_share, gas_price_ratio_mean,
    gas_price_ratio_deviation, fee_over_amount_mean, plain_send_share, nonce_max, stable_share, token_zero_share,
    collectible_share, lookalike_count, unlimited_approvals, first_seen_timestamp, last_seen_timestamp)
WITH
    natives AS (
        SELECT
            address, max(block_number) AS last_block, max(moved_at) AS last_at, countIf(success = 0) AS failed,
            count() / uniqExact(intDiv(moved_at, 86400)) AS per_day,
            sumIf(amount, is_out = 0) - sumIf(amount, is_out = 1) AS net,
            arraySort(groupArrayIf(amount, is_out = 0 AND amount > 0)) AS taken,
            arraySort(groupArrayIf(amount, is_out = 1 AND amount > 0)) AS given,
            avgIf(is_new_counterparty, age >= lifetime - 604800) AS recent_new,
            minOrNullIf(side_gap, is_out = 0) AS in_least, minOrNullIf(side_gap, is_out = 1) AS out_least,
            stddevPopIf(side_gap, is_out = 0) AS in_deviation, avgIf(side_gap, is_out = 0) AS in_mean,
            stddevPopIf(side_gap, is_out = 1) AS out_deviation, avgIf(side_gap, is_out = 1) AS out_mean,
            avg(intDiv(moved_at, 86400) % 7 IN (2, 3)) AS weekends,
            avgIf(selector IN (unhex('095ea7b3'), unhex('a22cb465'), unhex('23b872dd')), is_out = 1 AND is_transaction = 1) AS approving
        FROM (SELECT *, max(age) OVER (PARTITION BY address) AS lifetime FROM feature_native)
        GROUP BY address
    ),
    tokens_moved AS (
        SELECT
            address, max(block_number) AS last_block, max(moved_at) AS last_at, avg(amount = 0) AS zeros, avg(kind IN ('erc721', 'erc1155')) AS collectibles,
            avg(has({stablecoins:Array(String)}, concat('0x', lower(hex(token_address))))) AS stables
        FROM feature_tokens
        GROUP BY address
    ),
    sent AS (
        SELECT block_number, from_address AS address, gas_price, gas_used, effective_gas_price, value, nonce
        FROM transactions
        INNER JOIN feature_lives AS lives ON lives.address = from_address
        WHERE chain_id = {chain_id:UInt64} AND block_number <= {to_block:UInt64}
            AND from_address IN (SELECT address FROM feature_lives)
            AND toUnixTimestamp(block_timestamp) - first_at <= {life_seconds:UInt32}
    ),
    costs AS (
        SELECT
            address, max(block_number) AS last_block, avg(toFloat64(gas_price) / nullIf(middle, 0)) AS ratio, stddevPop(toFloat64(gas_price) / nullIf(middle, 0)) AS ratio_deviation,
            avgIf(least(toFloat64(effective_gas_price) * gas_used / toFloat64(value), 1), value > 0) AS fee_share,
            avg(gas_used = 21000) AS plain, max(nonce) AS highest
        FROM sent
        INNER JOIN (
            SELECT block_number, quantileExact(0.5)(toFloat64(gas_price)) AS middle
            FROM transactions
            WHERE chain_id = {chain_id:UInt64} AND block_number <= {to_block:UInt64} AND block_number IN (SELECT block_number FROM sent)
            GROUP BY block_number
        ) AS medians USING (block_number)
        GROUP BY address
    ),
    approved AS (
        SELECT toFixedString(substring(topics[3], 13), 20) AS address, max(block_number) AS last_block, uniqExact(topics[2]) AS owners
        FROM logs
        INNER JOIN feature_lives AS lives ON lives.address = toFixedString(substring(topics[3], 13), 20)
        WHERE chain_id = {chain_id:UInt64} AND block_number <= {to_block:UInt64} AND length(topics) = 3
            AND toUnixTimestamp(block_timestamp) - first_at <= {life_seconds:UInt32}
            AND (
                -- Approval(owner, spender, value) of at least 2^255, ApprovalForAll(owner, operator, true)
                (topics[1] = unhex('8c5be1e5ebec7d5bd14f71427d1e84f3dd0314c0f7b2291e5b200ac8c7c3b925') AND bitTest(reinterpretAsUInt8(substring(data, 1, 1)), 7))
                OR (topics[1] = unhex('17307eab39ab6107e8899845ad3d59bd9653f200f220920489ca2b5937696c31') AND reinterpretAsUInt8(substring(data, 32, 1)) = 1)
            )
            AND toFixedString(substring(topics[3], 13), 20) IN (SELECT address FROM feature_lives)
        GROUP BY address
    ),
    alike AS (
        SELECT address, sum(strange) AS strangers
        FROM (
            SELECT address, sum(unsigned) - argMax(unsigned, (total, counterparty)) AS strange
            FROM (
                SELECT address, counterparty, sum(is_strange) AS unsigned, count() AS total
                FROM (
                    SELECT address, counterparty, is_out = 0 AS is_strange FROM feature_native
                    UNION ALL
                    SELECT address, counterparty, is_own_act = 0 FROM feature_tokens
                )
                WHERE address != counterparty AND counterparty != toFixedString('', 20)
                GROUP BY address, counterparty
            )
            GROUP BY address, substring(counterparty, 1, 2), substring(counterparty, 19, 2)
            HAVING count() > 1 AND max(total) > 1
        )
        GROUP BY address
    ),
    contracts AS (
        SELECT address, min(block_number) AS shown_block
        FROM (
            SELECT address, block_number, block_timestamp FROM logs WHERE chain_id = {chain_id:UInt64} AND block_number <= {to_block:UInt64}
            UNION ALL
            SELECT token_address, block_number, block_timestamp FROM transfers WHERE chain_id = {chain_id:UInt64} AND block_number <= {to_block:UInt64}
            UNION ALL
            SELECT assumeNotNull(if(gas_used > 21000 + 40 * input_length AND success != 0, to_address, contract_address)), block_number, block_timestamp
            FROM transactions
            WHERE chain_id = {chain_id:UInt64} AND block_number <= {to_block:UInt64}
                AND if(gas_used > 21000 + 40 * input_length AND success != 0, to_address, contract_address) IS NOT NULL
        ) AS shown
        INNER JOIN feature_lives AS lives USING (address)
        WHERE toUnixTimestamp(block_timestamp) - first_at <= {life_seconds:UInt32}
        GROUP BY address
    )
SELECT
    {chain_id:UInt64}, lives.address,
    arrayMax(arrayMap(block -> ifNull(block, 0), [
        natives.last_block, tokens_moved.last_block, costs.last_block, approved.last_block, contracts.shown_block
    ])),
    {version:UInt64},
    ifNull(failed, nan), ifNull(per_day, nan), contracts.shown_block IS NOT NULL, ifNull(sign(net) * log1p(abs(net) * 1000), nan),
    ifNull(2 * arraySum(arrayMap((x, i) -> x * i, taken, arrayEnumerate(taken))) / nullIf(length(taken) * arraySum(taken), 0) - (length(taken) + 1) / nullIf(length(taken), 0), nan),
    ifNull(2 * arraySum(arrayMap((x, i) -> x * i, given, arrayEnumerate(given))) / nullIf(length(given) * arraySum(given), 0) - (length(given) + 1) / nullIf(length(given), 0), nan),
    ifNull(recent_new, nan), ifNull(in_least, nan), ifNull(out_least, nan),
    ifNull((in_deviation - in_mean) / nullIf(in_deviation + in_mean, 0), nan),
    ifNull((out_deviation - out_mean) / nullIf(out_deviation + out_mean, 0), nan),
    ifNull(weekends, nan), ifNull(approving, nan), ifNull(ratio, nan), ifNull(ratio_deviation, nan), ifNull(fee_share, nan),
    ifNull(plain, nan), ifNull(highest, nan), ifNull(stables, nan), ifNull(zeros, nan), ifNull(collectibles, nan),
    ifNull(strangers, 0), ifNull(owners, 0), toDateTime(first_at, 'UTC'),
    toDateTime(greatest(ifNull(natives.last_at, 0), ifNull(tokens_moved.last_at, 0)), 'UTC')
FROM feature_lives AS lives
LEFT JOIN natives ON natives.address = lives.address
LEFT JOIN tokens_moved ON tokens_moved.address = lives.address
LEFT JOIN costs ON costs.address = lives.address
LEFT JOIN approved ON approved.address = lives.address
LEFT JOIN alike ON alike.address = lives.address
LEFT JOIN contracts ON contracts.address = lives.address
WHERE natives.last_block IS NOT NULL OR tokens_moved.last_block IS NOT NULL
SETTINGS join_use_nulls = 1
