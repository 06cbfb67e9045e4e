-- Bytes as an RLP string: a single byte below 0x80 stands for itself.
CREATE FUNCTION IF NOT EXISTS rlpString AS (bytes) ->
    if(length(bytes) = 1 AND bytes < unhex('80'), bytes, concat(rlpHead(length(bytes), 128), bytes))
