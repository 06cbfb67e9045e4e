-- How large a segment was on each day that was looked at, and how far it had drifted.
SELECT day, CAST(segment AS String) AS segment, address_count, address_share, outsider_count, centre_shift
FROM behaviour_segments
WHERE chain_id = {chain_id:UInt64} AND window_days = {window_days:UInt16}
    AND ({segment_id:Int64} < 0 OR segment_id = {segment_id:Int64})
ORDER BY day, segment
