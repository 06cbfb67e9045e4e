-- Calls, creations, self-destructs and rewards of the staged traces; says which of them were undone.
INSERT INTO traces (
    chain_id, block_number, block_hash, block_timestamp, transaction_index, transaction_hash, trace_index,
    trace_address, trace_type, call_type, from_address, to_address, value, gas, gas_used, method_id, error, reverted,
    version
)
WITH
    calls AS (
        SELECT
            hexToUInt64(number) AS block_number,
            trace,
            toUInt32(position - 1) AS trace_index,
            ifNull(trace.transactionPosition, 4294967295) AS transaction_index
        FROM staged_traces
        ARRAY JOIN traces AS trace, arrayEnumerate(traces) AS position
    ),
    failed_calls AS (
        SELECT block_number, transaction_index, groupArray(trace.traceAddress) AS failed
        FROM calls
        WHERE ifNull(trace.error, '') != ''
        GROUP BY block_number, transaction_index
    )
SELECT
    {chain_id:UInt64},
    c.block_number,
    b.block_hash,
    b.block_timestamp,
    c.transaction_index,
    hexToWord(c.trace.transactionHash),
    c.trace_index,
    c.trace.traceAddress,
    c.trace.type,
    ifNull(c.trace.action.callType, ''),
    -- A self-destruct names itself `address`; a reward comes from nobody.
    hexToAddress(coalesce(c.trace.action.from, c.trace.action.address)),
    multiIf(
        c.trace.type = 'create', if(isNull(c.trace.result.address), NULL, hexToAddress(c.trace.result.address)),
        c.trace.type = 'suicide', hexToAddress(c.trace.action.refundAddress),
        c.trace.type = 'reward', hexToAddress(c.trace.action.author),
        if(isNull(c.trace.action.to), NULL, hexToAddress(c.trace.action.to))
    ),
    hexToUInt256(coalesce(c.trace.action.value, c.trace.action.balance)),
    hexToUInt64(c.trace.action.gas),
    hexToUInt64(c.trace.result.gasUsed),
    substring(hexToBytes(ifNull(c.trace.action.input, '0x')), 1, 4),
    ifNull(c.trace.error, ''),
    arrayExists(path -> arraySlice(c.trace.traceAddress, 1, length(path)) = path, f.failed),
    {version:UInt64}
FROM calls AS c
INNER JOIN (
    SELECT
        hexToUInt64(number) AS block_number,
        hexToWord(hash) AS block_hash,
        toDateTime(hexToUInt64(timestamp), 'UTC') AS block_timestamp
    FROM staged_blocks
) AS b ON b.block_number = c.block_number
LEFT JOIN failed_calls AS f ON f.block_number = c.block_number AND f.transaction_index = c.transaction_index
