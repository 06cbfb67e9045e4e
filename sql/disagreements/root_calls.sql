-- What the root calls among staged traces say, where the transaction that was sent says otherwise; must return no row.
--
-- Calls below the root are covered by nothing but their place (traces.sql).
WITH
    roots AS (
        SELECT
            hexToUInt64(number) AS block_number, place - 1 AS index, toInt64(position) AS position, type, error, giver, receiver,
            value, input
        FROM staged_traces
        ARRAY JOIN
            arrayEnumerate(traces.traceAddress) AS place, traces.traceAddress AS path, traces.transactionPosition AS position,
            traces.type AS type, traces.error AS error, traces.action.from AS giver, traces.action.to AS receiver,
            traces.action.value AS value, traces.action.input AS input
        WHERE empty(path) AND isNotNull(position)
    ),
    sent AS (
        SELECT
            hexToUInt64(number) AS block_number, toInt64(position - 1) AS position, sender, to_address, sent_value, sent_input
        FROM staged_blocks
        ARRAY JOIN
            arrayEnumerate(transactions.hash) AS position, transactions.from AS sender, transactions.to AS to_address,
            transactions.value AS sent_value, transactions.input AS sent_input
    ),
    outcomes AS (
        SELECT hexToUInt64(number) AS block_number, toInt64(position - 1) AS position, ifNull(said, '') AS status
        FROM staged_receipts
        ARRAY JOIN arrayEnumerate(receipts.status) AS position, receipts.status AS said
    )
SELECT
    r.block_number AS block_number,
    concat('traces[', toString(r.index), '].', names[indexOf(agree, 0)]) AS field,
    [type, ifNull(giver, ''), ifNull(value, ''), ifNull(receiver, ''), left(ifNull(input, ''), 80), ifNull(error, 'none')]
        [indexOf(agree, 0)] AS stated,
    [sent_type, sender, sent_value, ifNull(to_address, ''), left(sent_input, 80), concat('status ', status)][indexOf(agree, 0)] AS computed,
    ['type', 'action.from', 'action.value', 'action.to', 'action.input', 'error'] AS names,
    if(empty(ifNull(to_address, '')), 'create', 'call') AS sent_type,
    [
        type = sent_type,
        lower(ifNull(giver, '')) = lower(sender),
        quantityIs(value, hexToUInt256(sent_value)),
        type != 'call' OR lower(ifNull(receiver, '')) = lower(ifNull(to_address, '')),
        type != 'call' OR lower(ifNull(input, '')) = lower(sent_input),
        status = '' OR (hexToUInt64(status) = 1) = empty(ifNull(error, ''))
    ] AS agree
FROM roots AS r
INNER JOIN sent AS s ON s.block_number = r.block_number AND s.position = r.position
LEFT JOIN outcomes AS o ON o.block_number = r.block_number AND o.position = r.position
WHERE has(agree, 0)
ORDER BY r.block_number, r.index
LIMIT 1
