-- Fields of staged blocks and receipts that no hash covers and that cannot be what they should be; must return no row.
--
-- Asked where all else is proven: malformed_fields and malformed_receipts look at every field.
WITH (text, digits) -> match(text, '^0x[0-9a-fA-F]+$') AND length(text) <= digits + 2 AS is_quantity
SELECT block_number, field, substring(stated, 1, 100) AS stated
FROM (
    SELECT hexToUInt64(number) AS block_number, 'timestamp' AS field, timestamp AS stated, 0 AS place
    FROM staged_blocks
    -- The column that keeps it ends in the year 2106.
    WHERE hexToUInt64(timestamp) >= 4294967296
    UNION ALL
    SELECT hexToUInt64(number), 'size', assumeNotNull(size), 0
    FROM staged_blocks
    WHERE isNotNull(size) AND NOT is_quantity(assumeNotNull(size), 16)
    UNION ALL
    -- To nobody is null; an empty text would be the zero address, and have the same hash.
    SELECT hexToUInt64(number), concat('transactions[', toString(position - 1), if(length(receiver) = 42, '].input', '].to')),
        if(length(receiver) = 42, input, receiver), position
    FROM (
        SELECT number, position, ifNull(receiver, repeat('0', 42)) AS receiver, left(input, 80) AS input
        FROM staged_blocks
        ARRAY JOIN
            arrayEnumerate(transactions.hash) AS position, transactions.to AS receiver, transactions.input AS input
    )
    WHERE length(receiver) != 42 OR NOT startsWith(input, '0x')
    UNION ALL
    SELECT hexToUInt64(number), concat('receipts[', toString(position - 1), '].', wrong.1), wrong.2, position
    FROM (
        SELECT number, position, [
            ('blobGasUsed', blob_gas, empty(blob_gas) OR is_quantity(blob_gas, 16)),
            ('blobGasPrice', blob_price, empty(blob_price) OR is_quantity(blob_price, 64)),
            ('contractAddress', contract, empty(contract) OR match(contract, '^0x[0-9a-fA-F]{40}$')),
            ('logs.removed', 'true', NOT is_removed)
        ] AS checks
        FROM (
            SELECT number, position, ifNull(blob_gas, '') AS blob_gas, ifNull(blob_price, '') AS blob_price,
                ifNull(contract, '') AS contract, 
                arrayExists(flag -> ifNull(flag, '') NOT IN ('false', '0', '0x0', ''), flags) AS is_removed
            FROM staged_receipts
            ARRAY JOIN
                arrayEnumerate(receipts.status) AS position, receipts.blobGasUsed AS blob_gas, receipts.blobGasPrice AS blob_price,
                receipts.contractAddress AS contract, receipts.logs.removed AS flags
        )
        WHERE notEmpty(blob_gas) OR notEmpty(blob_price) OR notEmpty(contract) OR is_removed
    )
    ARRAY JOIN arrayFilter(check -> NOT check.3, checks) AS wrong
)
ORDER BY block_number, place
LIMIT 10
