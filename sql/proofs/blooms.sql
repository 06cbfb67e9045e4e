-- The bloom filter that each staged header states, and the addresses and topics of the block's logs, each once, that it is of.
SELECT
    hexToUInt64(r.number) AS block_number,
    b.logsBloom AS logsBloom,
    arrayStringConcat(arrayMap(text -> hexToBytes(text), addresses)) AS addresses_packed,
    arrayStringConcat(arrayMap(text -> hexToBytes(text), topics)) AS topics_packed
FROM (
    SELECT
        number,
        arrayDistinct(arrayFlatten(receipts.logs.address)) AS addresses,
        arrayDistinct(arrayFlatten(receipts.logs.topics)) AS topics
    FROM staged_receipts
) AS r
INNER JOIN (SELECT number, logsBloom FROM staged_blocks) AS b ON hexToUInt64(b.number) = hexToUInt64(r.number)
ORDER BY block_number
