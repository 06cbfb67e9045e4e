-- The daily edges of a stretch of blocks: whole days as they are, and days that it cuts, added up anew from their transfers.
--
-- builds: snapshot_days
-- grain: day, giver, receiver, token, kind, mark
CREATE OR REPLACE TEMPORARY TABLE snapshot_days
ENGINE = MergeTree
ORDER BY (day, from_address, to_address)
AS
WITH {cut_days:Array(String)} AS cut_days
SELECT
    chain_id, day, from_address, to_address, token_address, CAST(kind AS String) AS kind, CAST(mark AS String) AS mark,
    transfer_count, amount, first_block, last_block, first_timestamp, last_timestamp, as_of_block
FROM address_daily_edges
WHERE chain_id = {chain_id:UInt64}
    AND day BETWEEN toDate({from_day:String}) AND toDate({to_day:String})
    AND NOT has(cut_days, toString(day))
UNION ALL
SELECT
    {chain_id:UInt64}, on_day, giver, receiver, token, what, reason, count(), sumIf(units, reason != 'doubtful'), min(block),
    max(block), min(moved_at), max(moved_at), max(block)
FROM (
    SELECT
        toDate(t.block_timestamp, 'UTC') AS on_day, t.from_address AS giver, t.to_address AS receiver,
        t.token_address AS token, CAST(t.kind AS String) AS what, CAST(m.mark AS String) AS reason, t.amount AS units,
        t.block_number AS block, t.block_timestamp AS moved_at
    FROM transfers AS t
    LEFT JOIN (
        SELECT block_number, transaction_index, kind, position, batch_index, mark
        FROM transfer_marks
        WHERE chain_id = {chain_id:UInt64} AND block_number BETWEEN {from_block:UInt64} AND {to_block:UInt64}
            AND has(cut_days, toString(toDate(block_timestamp, 'UTC')))
    ) AS m
        ON m.block_number = t.block_number AND m.transaction_index = t.transaction_index AND m.kind = t.kind
        AND m.position = t.position AND m.batch_index = t.batch_index
    WHERE t.chain_id = {chain_id:UInt64}
        AND t.block_number BETWEEN {from_block:UInt64} AND {to_block:UInt64}
        AND has(cut_days, toString(toDate(t.block_timestamp, 'UTC')))
        AND t.kind != 'fee'
)
GROUP BY on_day, giver, receiver, token, what, reason
