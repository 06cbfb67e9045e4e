-- Add up what each token moved, by day: between addresses, out of nothing and into nothing.
--
-- builds: token_daily_flows
-- grain: chain_id, token, day
-- scope: day
--
-- Whole days; rows that are there already count as nothing, and those that nothing is added to are withdrawn.
INSERT INTO token_daily_flows (
    chain_id, token_address, day, transfer_count, transfer_amount, largest_amount, giver_count, receiver_count,
    active_holder_count, mint_count, mint_amount, burn_count, burn_amount, left_out_count, as_of_block, version, is_deleted
)
WITH
    (
        SELECT toDate(max(to_block_timestamp), 'UTC')
        FROM ingest_audit
        WHERE chain_id = {chain_id:UInt64} AND to_block < {from_block:UInt64}
    ) AS first_day,
    (
        SELECT max(to_block)
        FROM ingest_audit
        WHERE chain_id = {chain_id:UInt64} AND toDate(to_block_timestamp, 'UTC') < first_day
    ) AS first_block,
    toFixedString('', 20) AS nobody
SELECT
    {chain_id:UInt64},
    token,
    on_day,
    countIf(part = 'move'),
    sumIf(units, part = 'move' AND NOT left_out),
    maxIf(units, part = 'move' AND NOT left_out),
    uniqExactIf(giver, part != 'before' AND giver != nobody),
    uniqExactIf(receiver, part != 'before' AND receiver != nobody),
    uniqExactArrayIf([giver, receiver], part != 'before') - (countIf(part IN ('mint', 'burn')) > 0),
    countIf(part = 'mint'),
    sumIf(units, part = 'mint' AND NOT left_out),
    countIf(part = 'burn'),
    sumIf(units, part = 'burn' AND NOT left_out),
    countIf(left_out),
    max(block),
    {version:UInt64},
    countIf(part != 'before') = 0
FROM (
    SELECT
        token_address AS token,
        toDate(block_timestamp, 'UTC') AS on_day,
        from_address AS giver,
        to_address AS receiver,
        multiIf(from_address = nobody, 'mint', to_address = nobody, 'burn', 'move') AS part,
        amount AS units,
        is_left_out AS left_out,
        block_number AS block
    FROM transfers
    WHERE chain_id = {chain_id:UInt64}
        AND block_number BETWEEN first_block AND {to_block:UInt64}
        AND toDate(block_timestamp, 'UTC') >= first_day
        AND kind != 'fee'
    UNION ALL
    SELECT token_address, day, nobody, nobody, 'before', 0, 0, as_of_block
    FROM token_daily_flows
    WHERE chain_id = {chain_id:UInt64} AND day >= first_day
)
GROUP BY token, on_day
