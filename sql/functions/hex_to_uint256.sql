-- A quantity as JSON-RPC writes it (0x… up to 64 digits) as an integer; NULL stays NULL.
CREATE FUNCTION IF NOT EXISTS hexToUInt256 AS (quantity) ->
    reinterpretAsUInt256(reverse(unhex(leftPad(substring(ifNull(quantity, '0x0'), 3), 64, '0'))))
