-- An amount in bitcoin, as its decimal text, in satoshi; NULL for what is no whole number of them. No float on the way.
CREATE FUNCTION IF NOT EXISTS bitcoinToSatoshi AS (amount) ->
    toUInt64OrNull(toString(toDecimal128OrNull(ifNull(amount, ''), 18) * toDecimal128(100000000, 0)))
