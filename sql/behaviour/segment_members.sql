-- Addresses of a segment on a day, those that are most clearly of it first.
SELECT address, clearness, distance, is_outsider
FROM address_segments
WHERE chain_id = {chain_id:UInt64} AND window_days = {window_days:UInt16} AND day = {day:Date}
    AND segment_id = {segment_id:UInt64}
ORDER BY clearness DESC, address
LIMIT {most:UInt64}
