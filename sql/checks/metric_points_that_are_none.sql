-- Points of series without a number, below zero, or that do not stand at the start of their hour or day.
SELECT metric, dimension, bucket, bucket_start, value
FROM metric_points
WHERE chain_id = {chain_id:UInt64}
    AND (
        NOT isFinite(value)
        OR value < 0
        OR bucket_start != if(bucket = 'hour', toStartOfHour(bucket_start, 'UTC'), toDateTime(toDate(bucket_start, 'UTC'), 'UTC'))
    )
ORDER BY metric, dimension, bucket_start
LIMIT 100
