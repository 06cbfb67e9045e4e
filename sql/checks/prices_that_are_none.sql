-- Prices that are no positive number, or that are of a moment after they were learnt.
SELECT concat('0x', lower(hex(token_address))) AS token, quote, priced_at, price
FROM prices
WHERE chain_id = {chain_id:UInt64} AND (NOT isFinite(price) OR price <= 0 OR priced_at > known_at)
ORDER BY token, quote, priced_at
LIMIT 100
