-- A quantity as JSON-RPC writes it (0x…) as an RLP string: big-endian, without leading zeros.
CREATE FUNCTION IF NOT EXISTS rlpQuantity AS (quantity) -> rlpString(trimLeft(unhex(substring(quantity, 3)), unhex('00')))
