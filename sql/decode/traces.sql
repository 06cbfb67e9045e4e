-- Calls, creations, self-destructs and rewards of the staged traces; says which of them were undone.
--
-- A call is undone when it or one above it failed, also where the node marks only the one above. Paths are compared by their
-- hashes through sets, so that a block full of failing calls costs what any other costs.
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
        SELECT hexToUInt64(number) AS block_number, ifNull(place, 4294967295) AS transaction_index, cityHash64(path) AS path_hash
        FROM staged_traces
        ARRAY JOIN
            arrayEnumerate(traces.error) AS position, traces.error AS error, traces.traceAddress AS path,
            traces.transactionPosition AS place
        WHERE ifNull(error, '') != ''
    ),
    undone_calls AS (
        SELECT block_number, trace_index
        FROM (
            SELECT
                block_number,
                transaction_index,
                trace_index,
                arrayJoin(arrayMap(depth -> cityHash64(arraySlice(path, 1, depth)), range(length(path) + 1))) AS path_hash
            FROM (
                SELECT
                    hexToUInt64(number) AS block_number,
                    ifNull(place, 4294967295) AS transaction_index,
                    toUInt32(position - 1) AS trace_index,
                    path
                FROM staged_traces
                ARRAY JOIN
                    arrayEnumerate(traces.traceAddress) AS position, traces.traceAddress AS path, traces.transactionPosition AS place
            )
            WHERE (block_number, transaction_index) IN (SELECT block_number, transaction_index FROM failed_calls)
        )
        WHERE (block_number, transaction_index, path_hash) IN (
            SELECT block_number, transaction_index, path_hash FROM failed_calls
        )
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
    (c.block_number, c.trace_index) IN (SELECT block_number, trace_index FROM undone_calls),
    {version:UInt64}
FROM calls AS c
INNER JOIN (
    SELECT
        hexToUInt64(number) AS block_number,
        hexToWord(hash) AS block_hash,
        toDateTime(hexToUInt64(timestamp), 'UTC') AS block_timestamp
    FROM staged_blocks
) AS b ON b.block_number = c.block_number
