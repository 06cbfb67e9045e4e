-- The segments of one day, the largest first; barely-seen last.
SELECT
    segment_id, CAST(segment AS String) AS segment, about, fit_day, centre, radius, address_count, address_share,
    outsider_count, centre_shift, medians, differences, distinguishes, as_of_block
FROM behaviour_segments
WHERE chain_id = {chain_id:UInt64} AND window_days = {window_days:UInt16} AND day = {day:Date}
ORDER BY segment_id = 0, address_count DESC, segment_id
