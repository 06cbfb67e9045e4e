-- A number as JSON-RPC writes quantities.
CREATE FUNCTION IF NOT EXISTS numberToHex AS (number) ->
    concat('0x', if(number = 0, '0', lower(trimLeft(hex(toUInt256(number)), '0'))))
