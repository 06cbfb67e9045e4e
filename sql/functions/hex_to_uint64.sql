-- A quantity of at most 64 bits, written 0x… or in decimal (block numbers of recorded lines and of traces).
CREATE FUNCTION IF NOT EXISTS hexToUInt64 AS (quantity) ->
    if(
        startsWith(ifNull(quantity, '0x0'), '0x'),
        reinterpretAsUInt64(reverse(unhex(leftPad(substring(ifNull(quantity, '0x0'), 3), 16, '0')))),
        toUInt64OrZero(ifNull(quantity, '0'))
    )
