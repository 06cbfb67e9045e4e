-- Thirty-two bytes written 0x…; anything else becomes zeros.
CREATE FUNCTION IF NOT EXISTS hexToWord AS (word) ->
    toFixedString(if(length(ifNull(word, '')) = 66, unhex(substring(ifNull(word, ''), 3)), ''), 32)
