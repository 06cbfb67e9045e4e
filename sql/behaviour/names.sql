-- Every segment there was before a day, with the name and the centre that it had last.
SELECT segment_id, argMax(CAST(segment AS String), day) AS segment, argMax(centre, day) AS centre
FROM behaviour_segments
WHERE chain_id = {chain_id:UInt64} AND window_days = {window_days:UInt16} AND day < {day:Date}
GROUP BY segment_id
ORDER BY segment_id
