-- Every segment of other days: before a day with the name and the centre that it had last, of later ones only the name.
SELECT
    segment_id,
    min(first_day) < {day:Date} AS is_before,
    argMaxIf(name, day, day < {day:Date} OR first_day > {day:Date}) AS segment,
    argMaxIf(centre, day, day < {day:Date}) AS centre
FROM (
    SELECT segment_id, CAST(segment AS String) AS name, centre, day, min(day) OVER (PARTITION BY segment_id) AS first_day
    FROM behaviour_segments
    WHERE chain_id = {chain_id:UInt64} AND window_days = {window_days:UInt16}
)
WHERE first_day != {day:Date}  -- what the day founded itself, and later days took from it, is found again
GROUP BY segment_id
ORDER BY segment_id
