-- Staged logs that a filter found, with the time of their blocks.
INSERT INTO filtered_logs (
    chain_id, filter, block_number, block_hash, block_timestamp, transaction_index, transaction_hash, log_index, address,
    topics, data, version
)
SELECT
    {chain_id:UInt64},
    {filter:String},
    hexToUInt64(l.blockNumber),
    hexToWord(l.blockHash),
    toDateTime(hexToUInt64(b.timestamp), 'UTC'),
    toUInt32(hexToUInt64(l.transactionIndex)),
    hexToWord(l.transactionHash),
    toUInt32(hexToUInt64(l.logIndex)),
    hexToAddress(l.address),
    arrayMap(topic -> hexToWord(topic), l.topics),
    hexToBytes(l.data),
    {version:UInt64}
FROM staged_log_lines AS l
INNER JOIN staged_log_blocks AS b ON b.hash = lower(l.blockHash)
