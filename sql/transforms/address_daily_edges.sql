-- Add up who gave what to whom, by day, token, kind and mark.
--
-- builds: address_daily_edges
-- grain: chain_id, day, giver, receiver, token, kind, mark
-- scope: day
--
-- Whole days, from the one in which the last batch before the changed blocks ended: new blocks cost their days, not history.
-- Rows that are there already count as nothing in the same sum: those that nothing else is added to are withdrawn.
INSERT INTO address_daily_edges (
    chain_id, day, from_address, to_address, token_address, kind, mark, transfer_count, amount, first_block, last_block,
    first_timestamp, last_timestamp, as_of_block, version, is_deleted
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
    ) AS first_day_block
SELECT
    {chain_id:UInt64},
    on_day,
    giver,
    receiver,
    token,
    what,
    reason,
    countIf(is_now),
    sumIf(units, is_now AND reason != 'doubtful'),
    minIf(block, is_now),
    maxIf(block, is_now),
    minIf(moved_at, is_now),
    maxIf(moved_at, is_now),
    if(countIf(is_now) = 0, max(block), maxIf(block, is_now)),
    {version:UInt64},
    countIf(is_now) = 0
FROM (
    SELECT
        toDate(t.block_timestamp, 'UTC') AS on_day, t.from_address AS giver, t.to_address AS receiver,
        t.token_address AS token, CAST(t.kind AS String) AS what, CAST(m.mark AS String) AS reason, t.amount AS units,
        t.block_number AS block, t.block_timestamp AS moved_at, 1 AS is_now
    FROM transfers AS t
    LEFT JOIN (
        SELECT block_number, transaction_index, kind, position, batch_index, mark
        FROM transfer_marks
        WHERE chain_id = {chain_id:UInt64} AND block_number BETWEEN first_day_block AND {to_block:UInt64}
    ) AS m
        ON m.block_number = t.block_number AND m.transaction_index = t.transaction_index AND m.kind = t.kind
        AND m.position = t.position AND m.batch_index = t.batch_index
    WHERE t.chain_id = {chain_id:UInt64}
        AND t.block_number BETWEEN first_day_block AND {to_block:UInt64}
        AND toDate(t.block_timestamp, 'UTC') >= first_day
        AND t.kind != 'fee'
    UNION ALL
    SELECT day, from_address, to_address, token_address, CAST(kind AS String), CAST(mark AS String), 0, as_of_block, first_timestamp, 0
    FROM address_daily_edges
    WHERE chain_id = {chain_id:UInt64} AND day >= first_day
)
GROUP BY on_day, giver, receiver, token, what, reason
