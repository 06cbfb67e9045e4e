-- Event logs of the staged receipts.
INSERT INTO logs (
    chain_id, block_number, block_hash, block_timestamp, transaction_index, transaction_hash, log_index, address,
    topics, data, version
)
SELECT
    {chain_id:UInt64},
    r.block_number,
    b.block_hash,
    b.block_timestamp,
    r.transaction_index,
    hexToWord(r.log.transactionHash),
    toUInt32(hexToUInt64(r.log.logIndex)),
    hexToAddress(r.log.address),
    arrayMap(topic -> hexToWord(topic), r.log.topics),
    hexToBytes(r.log.data),
    {version:UInt64}
FROM (
    SELECT
        hexToUInt64(number) AS block_number,
        toUInt32(hexToUInt64(receipt.transactionIndex)) AS transaction_index,
        arrayJoin(receipt.logs) AS log
    FROM staged_receipts
    ARRAY JOIN receipts AS receipt
) AS r
INNER JOIN (
    SELECT
        hexToUInt64(number) AS block_number,
        hexToWord(hash) AS block_hash,
        toDateTime(hexToUInt64(timestamp), 'UTC') AS block_timestamp
    FROM staged_blocks
) AS b ON b.block_number = r.block_number
