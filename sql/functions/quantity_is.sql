-- Whether a quantity written 0x… is this number; one that is missing or wider than 256 bits is not.
CREATE FUNCTION IF NOT EXISTS quantityIs AS (quantity, number) ->
    startsWith(ifNull(quantity, ''), '0x')
    AND length(ifNull(quantity, '')) BETWEEN 3 AND 66
    AND hexToUInt256(quantity) = toUInt256(number)
