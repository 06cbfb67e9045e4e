-- What staged traces say of their place, where their block says otherwise; must return no row.
--
-- Traces stand transaction after transaction, each opened by the call it was sent as (root_calls.sql); rewards belong to none.
-- Below it they stand depth first: each path is a child of the one before or a later child of one that it lies below, so that
-- none is there twice and none lacks its parent. A block with transactions has traces where its traces were given at all.
WITH
    placed AS (
        SELECT
            hexToUInt64(number) AS block_number, place - 1 AS index, said_block, said_transaction, said_position, opened
        FROM staged_traces
        ARRAY JOIN
            arrayEnumerate(traces.traceAddress) AS place, traces.blockHash AS said_block,
            traces.transactionHash AS said_transaction, traces.transactionPosition AS said_position,
            arrayCumSum(arrayMap(
                (path, position) -> empty(path) AND isNotNull(position), traces.traceAddress, traces.transactionPosition
            )) AS opened
    ),
    sent AS (
        SELECT hexToUInt64(number) AS block_number, hash AS block_hash, toInt64(position - 1) AS position, tx_hash
        FROM staged_blocks
        ARRAY JOIN arrayEnumerate(transactions.hash) AS position, transactions.hash AS tx_hash
    ),
    compared AS (
        SELECT
            p.block_number AS block_number,
            index,
            ['blockHash', 'transactionPosition', 'transactionHash'] AS names,
            [
                isNull(said_position) OR lower(ifNull(said_block, '')) = lower(block_hash),
                isNull(said_position) OR toInt64(said_position) + 1 = toInt64(opened),
                isNull(said_position) OR lower(ifNull(said_transaction, '')) = lower(tx_hash)
            ] AS agree,
            [ifNull(said_block, ''), ifNull(toString(said_position), ''), ifNull(said_transaction, '')] AS stated,
            [block_hash, toString(toInt64(opened) - 1), tx_hash] AS computed
        FROM placed AS p
        LEFT JOIN sent AS s ON s.block_number = p.block_number AND s.position = toInt64(p.opened) - 1
        WHERE has(agree, 0)
    ),
    paths AS (
        SELECT
            hexToUInt64(number) AS block_number,
            traces.traceAddress AS walked,
            arrayFirstIndex(
                (path, before, position, type) -> if(
                    empty(path) OR isNull(position),
                    isNull(position) AND type != 'reward',
                    length(path) > length(before) + 1
                    OR arraySlice(path, 1, length(path) - 1) != arraySlice(before, 1, length(path) - 1)
                    OR (length(path) <= length(before) AND path[-1] <= before[length(path)])
                ),
                walked, arrayPopBack(arrayPushFront(walked, emptyArrayUInt32())), traces.transactionPosition, traces.type
            ) AS wrong
        FROM staged_traces
        WHERE notEmpty(walked)
    ),
    counted AS (
        SELECT
            t.block_number AS block_number, transaction_count, root_count
        FROM (
            SELECT
                hexToUInt64(number) AS block_number,
                arrayCount((path, position) -> empty(path) AND isNotNull(position), traces.traceAddress, traces.transactionPosition)
                    AS root_count
            FROM staged_traces
        ) AS t
        INNER JOIN (
            SELECT hexToUInt64(number) AS block_number, length(transactions.hash) AS transaction_count FROM staged_blocks
        ) AS b ON b.block_number = t.block_number
    )
SELECT block_number, field, stated, computed
FROM (
    SELECT
        block_number, toInt64(index) AS place, concat('traces[', toString(index), '].', names[indexOf(agree, 0)]) AS field,
        stated[indexOf(agree, 0)] AS stated, computed[indexOf(agree, 0)] AS computed
    FROM compared
    UNION ALL
    SELECT
        block_number, toInt64(wrong - 1), concat('traces[', toString(wrong - 1), '].traceAddress'), toString(walked[wrong]),
        if(wrong = 1, 'a root', concat('a place below or after ', toString(walked[wrong - 1])))
    FROM paths
    WHERE wrong > 0
    UNION ALL
    SELECT
        block_number, toInt64(4294967295), 'number of root traces', toString(transaction_count), toString(root_count)
    FROM counted
    WHERE transaction_count != root_count
)
ORDER BY block_number, place
LIMIT 1
