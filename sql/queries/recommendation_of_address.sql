-- The advice about one address in one publication.
SELECT
    recommendation_id,
    CAST(action AS String) AS action,
    toDateTime64(valid_until, 0, 'UTC') AS valid_until
FROM recommendation_rows
WHERE chain_id = {chain_id:UInt64} AND publication = {publication:UInt64} AND address = unhex({address:String})
ORDER BY position
LIMIT 1
