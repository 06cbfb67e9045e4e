-- A quantity of at most 256 bits as JSON-RPC writes it (0x…); NULL is 0.
CREATE FUNCTION IF NOT EXISTS hexToUInt256 AS (quantity) ->
    reinterpretAsUInt256(reverse(unhex(substring(ifNull(quantity, '0x0'), 3))))
