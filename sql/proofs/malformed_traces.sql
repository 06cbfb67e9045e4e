-- Fields of the staged traces that cannot be what they should be, by block; must return no row before anything is decoded.
--
-- As malformed_fields for blocks. No hash covers calls below the root, so this is all that stands between a garbled value and
-- the transfers.
WITH
    (text, digits) -> match(text, '^0x[0-9a-fA-F]+$') AND length(text) <= digits + 2 AS is_quantity,
    (text, digits) -> match(text, '^0x[0-9a-fA-F]+$') AND length(text) = digits + 2 AS is_bytes,
    text -> startsWith(text, '0x') AND length(text) % 2 = 0 AS is_data
SELECT
    hexToUInt64(number) AS block_number,
    concat('traces[', toString(position - 1), '].', wrong.1) AS field,
    substring(wrong.2, 1, 100) AS stated
FROM (
    SELECT
        number,
        position,
        trace.action AS action,
        arrayFilter(check -> NOT check.3, [
            ('type', trace.type, trace.type IN ('call', 'create', 'suicide', 'reward')),
            (
                'action.callType',
                ifNull(action.callType, ''),
                trace.type != 'call' OR ifNull(action.callType, '') IN ('call', 'delegatecall', 'staticcall', 'callcode')
            ),
            -- A delegate or static call moves nothing, and some nodes leave its value out.
            (
                'action.value',
                ifNull(action.value, ''),
                is_quantity(ifNull(action.value, ''), 64)
                OR (isNull(action.value) AND (trace.type = 'suicide' OR action.callType IN ('delegatecall', 'staticcall', 'callcode')))
            ),
            ('action.balance', ifNull(action.balance, ''), trace.type != 'suicide' OR is_quantity(ifNull(action.balance, ''), 64)),
            ('action.gas', ifNull(action.gas, ''), isNull(action.gas) OR is_quantity(assumeNotNull(action.gas), 16)),
            ('action.from', ifNull(action.from, ''), trace.type IN ('suicide', 'reward') OR is_bytes(ifNull(action.from, ''), 40)),
            ('action.to', ifNull(action.to, ''), trace.type != 'call' OR is_bytes(ifNull(action.to, ''), 40)),
            ('action.address', ifNull(action.address, ''), trace.type != 'suicide' OR is_bytes(ifNull(action.address, ''), 40)),
            (
                'action.refundAddress',
                ifNull(action.refundAddress, ''),
                trace.type != 'suicide' OR is_bytes(ifNull(action.refundAddress, ''), 40)
            ),
            ('action.author', ifNull(action.author, ''), trace.type != 'reward' OR is_bytes(ifNull(action.author, ''), 40)),
            ('action.input', ifNull(action.input, ''), isNull(action.input) OR is_data(assumeNotNull(action.input))),
            (
                'result.gasUsed',
                ifNull(trace.result.gasUsed, ''),
                isNull(trace.result.gasUsed) OR is_quantity(assumeNotNull(trace.result.gasUsed), 16)
            ),
            -- A creation that came to nothing has no address.
            (
                'result.address',
                ifNull(trace.result.address, ''),
                trace.type != 'create'
                OR is_bytes(ifNull(trace.result.address, ''), 40)
                OR (isNull(trace.result.address) AND notEmpty(ifNull(trace.error, '')))
            )
        ]) AS found
    FROM staged_traces
    ARRAY JOIN traces AS trace, arrayEnumerate(traces) AS position
    WHERE NOT ifNull(
        trace.type = 'call'
        AND trace.action.callType IN ('call', 'delegatecall', 'staticcall')
        AND match(
            concat(
                trace.action.from, ' ', trace.action.to, ' ', trace.action.value, ' ', trace.action.gas, ' ',
                ifNull(trace.result.gasUsed, '0x0')
            ),
            '^(0x[0-9a-fA-F]+ )+0x[0-9a-fA-F]+$'
        )
        AND length(trace.action.from) = 42
        AND length(trace.action.to) = 42
        AND length(trace.action.value) <= 66
        AND greatest(length(trace.action.gas), length(ifNull(trace.result.gasUsed, ''))) <= 18
        AND is_data(ifNull(trace.action.input, '0x')),
        0
    )
)
ARRAY JOIN found AS wrong
ORDER BY block_number, position
LIMIT 10
