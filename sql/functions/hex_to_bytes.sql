-- Bytes as JSON-RPC writes them (0x…).
CREATE FUNCTION IF NOT EXISTS hexToBytes AS (bytes) -> unhex(substring(bytes, 3))
