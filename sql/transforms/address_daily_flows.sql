-- Add up what came in to and went out of each address, by day and token.
--
-- builds: address_daily_flows
-- grain: chain_id, address, day, token
-- scope: day
--
-- Whole days, from the one in which the last batch before the changed blocks ended. Rows that are there already count as nothing
-- in the same sum: those that nothing else is added to have lost their transfers, and are withdrawn.
INSERT INTO address_daily_flows (
    chain_id, address, day, token_address, in_count, out_count, in_amount, out_amount, fee_amount, in_counterparty_count,
    out_counterparty_count, left_out_count, as_of_block, version, is_deleted
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
    ) AS first_block
SELECT
    {chain_id:UInt64},
    who,
    on_day,
    token,
    countIf(part = 'in'),
    countIf(part = 'out'),
    sumIf(units, part = 'in' AND NOT left_out),
    sumIf(units, part = 'out' AND NOT left_out),
    sumIf(units, part = 'fee'),
    uniqExactIf(other, part = 'in' AND other != who AND other != toFixedString('', 20)),
    uniqExactIf(other, part = 'out' AND other != who AND other != toFixedString('', 20)),
    countIf(left_out),
    max(block),
    {version:UInt64},
    countIf(part != 'before') = 0
FROM (
    SELECT
        end.1 AS who,
        end.2 AS other,
        if(kind = 'fee', 'fee', end.3) AS part,
        toDate(block_timestamp, 'UTC') AS on_day,
        token_address AS token,
        amount AS units,
        is_left_out AS left_out,
        block_number AS block
    FROM transfers
    ARRAY JOIN [(from_address, to_address, 'out'), (to_address, from_address, 'in')] AS end
    WHERE chain_id = {chain_id:UInt64}
        AND block_number BETWEEN first_block AND {to_block:UInt64}
        AND toDate(block_timestamp, 'UTC') >= first_day
        AND end.1 != toFixedString('', 20)
        AND NOT (kind = 'fee' AND end.3 = 'in')
    UNION ALL
    SELECT address, toFixedString('', 20), 'before', day, token_address, 0, 0, as_of_block
    FROM address_daily_flows
    WHERE chain_id = {chain_id:UInt64} AND day >= first_day
)
GROUP BY who, on_day, token
