-- Fields of the staged receipts that cannot be what they should be, by block; must return no row before anything is decoded.
--
-- As malformed_fields for blocks. A log that the node marks as removed belongs to a block that is no longer on the chain.
WITH
    (text, digits) -> match(text, '^0x[0-9a-fA-F]+$') AND length(text) <= digits + 2 AS is_quantity,
    (text, digits) -> match(text, '^0x[0-9a-fA-F]+$') AND length(text) = digits + 2 AS is_bytes,
    text -> startsWith(text, '0x') AND length(text) % 2 = 0 AS is_data
SELECT block_number, field, substring(stated, 1, 100) AS stated
FROM (
    SELECT
        hexToUInt64(number) AS block_number,
        position AS place,
        concat('receipts[', toString(position - 1), '].', wrong.1) AS field,
        wrong.2 AS stated
    FROM (
        SELECT
            number,
            position,
            arrayFilter(check -> NOT check.3, [
                ('transactionIndex', receipt.transactionIndex, is_quantity(receipt.transactionIndex, 8)),
                ('status', ifNull(receipt.status, ''), isNull(receipt.status) OR hexToUInt64(receipt.status) <= 1 AND is_quantity(assumeNotNull(receipt.status), 16)),
                ('gasUsed', receipt.gasUsed, is_quantity(receipt.gasUsed, 16)),
                ('cumulativeGasUsed', receipt.cumulativeGasUsed, is_quantity(receipt.cumulativeGasUsed, 16)),
                (
                    'effectiveGasPrice',
                    ifNull(receipt.effectiveGasPrice, ''),
                    isNull(receipt.effectiveGasPrice) OR is_quantity(assumeNotNull(receipt.effectiveGasPrice), 64)
                ),
                (
                    'blobGasUsed',
                    ifNull(receipt.blobGasUsed, ''),
                    isNull(receipt.blobGasUsed) OR is_quantity(assumeNotNull(receipt.blobGasUsed), 16)
                ),
                (
                    'blobGasPrice',
                    ifNull(receipt.blobGasPrice, ''),
                    isNull(receipt.blobGasPrice) OR is_quantity(assumeNotNull(receipt.blobGasPrice), 64)
                ),
                (
                    'contractAddress',
                    ifNull(receipt.contractAddress, ''),
                    isNull(receipt.contractAddress) OR is_bytes(assumeNotNull(receipt.contractAddress), 40)
                )
            ]) AS found
        FROM staged_receipts
        ARRAY JOIN receipts AS receipt, arrayEnumerate(receipts) AS position
    )
    ARRAY JOIN found AS wrong
    UNION ALL
    SELECT
        hexToUInt64(number) AS block_number,
        position AS place,
        concat('receipts[', toString(position - 1), '].logs[', log.logIndex, '].', wrong.1) AS field,
        wrong.2 AS stated
    FROM (
        SELECT
            number,
            position,
            log,
            arrayFilter(check -> NOT check.3, [
                ('address', log.address, is_bytes(log.address, 40)),
                ('topics', arrayStringConcat(log.topics, ' '), length(log.topics) <= 4 AND arrayAll(topic -> is_bytes(topic, 64), log.topics)),
                ('data', log.data, is_data(log.data)),
                ('logIndex', log.logIndex, is_quantity(log.logIndex, 8)),
                ('removed', ifNull(log.removed, ''), ifNull(log.removed, 'false') IN ('false', '0', '0x0', ''))
            ]) AS found
        FROM (
            SELECT number, position, arrayJoin(receipt.logs) AS log
            FROM staged_receipts
            ARRAY JOIN receipts AS receipt, arrayEnumerate(receipts) AS position
        )
        WHERE NOT (
            match(concat(log.address, ' ', arrayStringConcat(log.topics, ' '), ' ', log.logIndex), '^(0x[0-9a-fA-F]+ +)+0x[0-9a-fA-F]+$')
            AND length(log.address) = 42
            AND length(log.topics) <= 4
            AND length(arrayStringConcat(log.topics)) = 66 * length(log.topics)
            AND is_data(log.data)
            AND length(log.logIndex) <= 10
            AND ifNull(log.removed, 'false') = 'false'
        )
    )
    ARRAY JOIN found AS wrong
)
ORDER BY block_number, place
LIMIT 10
