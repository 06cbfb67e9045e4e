-- Twenty bytes written 0x…; anything else becomes the zero address.
CREATE FUNCTION IF NOT EXISTS hexToAddress AS (address) ->
    toFixedString(if(length(ifNull(address, '')) = 42, unhex(substring(ifNull(address, ''), 3)), ''), 20)
