-- One page of the recommendations of one publication, by position; an empty grade or action means any.
SELECT
    position,
    recommendation_id,
    concat('0x', lower(hex(address))) AS address,
    CAST(role AS String) AS role,
    CAST(action AS String) AS action,
    priority,
    score,
    CAST(grade AS String) AS grade,
    reasons,
    toDateTime64(valid_from, 0, 'UTC') AS valid_from,
    toDateTime64(valid_until, 0, 'UTC') AS valid_until
FROM recommendation_rows
WHERE
    chain_id = {chain_id:UInt64}
    AND publication = {publication:UInt64}
    AND position > {after:UInt32}
    AND ({grade:String} = '' OR recommendation_rows.grade = {grade:String})
    AND ({action:String} = '' OR recommendation_rows.action = {action:String})
ORDER BY position
LIMIT {count:UInt32}
-- Positions are sorted before the other columns are read, and only of those that are answered.
SETTINGS query_plan_max_limit_for_lazy_materialization = 1000, max_threads = 1
