-- The most urgent recommendations of a chain, with their reasons.
SELECT
    concat('0x', lower(hex(address))) AS address,
    score,
    CAST(grade AS String) AS grade,
    CAST(action AS String) AS action,
    arraySlice(reasons, 1, 3) AS reasons
FROM recommendations
WHERE chain_id = {chain_id:UInt64}
ORDER BY position
LIMIT {limit:UInt32}
