-- Between two days, from which segment to which addresses went: those of one day only come from or go to nowhere.
SELECT
    before.segment AS from_segment,
    after.segment AS to_segment,
    count() AS address_count,
    arraySort(groupArray(3)(if(after.segment = '', before.address, after.address))) AS examples
FROM (
    SELECT address, CAST(segment AS String) AS segment FROM address_segments
    WHERE chain_id = {chain_id:UInt64} AND window_days = {window_days:UInt16} AND day = {from_day:Date}
) AS before
FULL JOIN (
    SELECT address, CAST(segment AS String) AS segment FROM address_segments
    WHERE chain_id = {chain_id:UInt64} AND window_days = {window_days:UInt16} AND day = {to_day:Date}
) AS after ON after.address = before.address
GROUP BY from_segment, to_segment
ORDER BY address_count DESC, from_segment, to_segment
