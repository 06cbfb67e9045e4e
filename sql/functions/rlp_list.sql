-- Encoded items, one after the other, as an RLP list.
CREATE FUNCTION IF NOT EXISTS rlpList AS (items) -> concat(rlpHead(length(items), 192), items)
