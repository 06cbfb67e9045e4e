-- RLP's length of a string (base 128) or of a list (base 192), as the yellow paper's appendix B has it.
CREATE FUNCTION IF NOT EXISTS rlpHead AS (size, base) ->
    if(
        size < 56,
        char(base + size),
        concat(
            char(base + 55 + length(reinterpretAsString(toUInt32(size)))), reverse(reinterpretAsString(toUInt32(size)))
        )
    )
