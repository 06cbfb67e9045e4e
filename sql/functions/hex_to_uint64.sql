-- A quantity of at most 64 bits as JSON-RPC writes it (0x…); NULL is 0. A recorded line may also give it in decimal.
CREATE FUNCTION IF NOT EXISTS hexToUInt64 AS (quantity) ->
    if(
        startsWith(ifNull(quantity, '0x0'), '0x'),
        reinterpretAsUInt64(reverse(unhex(substring(ifNull(quantity, '0x0'), 3)))),
        toUInt64OrZero(ifNull(quantity, '0'))
    )
