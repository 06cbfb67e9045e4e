-- What was paid for gas, by day: burnt, tips, and what a unit of gas cost.
--
-- question: How much native coin was burnt each day, how much went to fee recipients, and how did the base fee move?
-- tags: gas, network
-- column day: Day, UTC
-- column burnt [coins]: Base fees and blob fees, which nobody gets
-- column tips [coins]: What fee recipients got
-- column burnt_amount [smallest units]: The same as `burnt`, exact
-- column tips_amount [smallest units]: The same as `tips`, exact
-- column base_fee_median [Gwei]: Median base fee per gas of the day's blocks
-- column fullness: Gas used as a share of what the blocks allowed, 0 to 1
-- column blocks: Blocks of the day
-- chart: day, burnt
-- example: chainsight query run gas_burnt_by_day --plot gas.svg
SELECT
    header.day AS day,
    toFloat64(burnt_amount) / 1e18 AS burnt,
    toFloat64(tips_amount) / 1e18 AS tips,
    paid.burnt_sum AS burnt_amount,
    paid.tips_sum AS tips_amount,
    header.base_fee AS base_fee_median,
    header.filled AS fullness,
    header.block_count AS blocks
FROM (
    SELECT
        toDate(block_timestamp) AS day,
        quantileExact(0.5)(toFloat64(base_fee_per_gas)) / 1e9 AS base_fee,
        sum(gas_used) / sum(gas_limit) AS filled,
        count() AS block_count
    FROM blocks
    WHERE chain_id = {chain_id:UInt64} AND block_number BETWEEN {from_block:UInt64} AND {to_block:UInt64}
    GROUP BY day
) AS header
LEFT JOIN (
    SELECT
        toDate(block_timestamp) AS day,
        sumIf(amount, batch_index != 1) AS burnt_sum,
        sumIf(amount, batch_index = 1) AS tips_sum
    FROM transfers
    WHERE chain_id = {chain_id:UInt64} AND block_number BETWEEN {from_block:UInt64} AND {to_block:UInt64} AND kind = 'fee'
    GROUP BY day
) AS paid ON paid.day = header.day
ORDER BY day
