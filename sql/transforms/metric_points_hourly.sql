-- Measure a chain by the hour: what was sent, moved, paid and who was active.
--
-- builds: metric_points
-- grain: chain_id, metric, hour
-- scope: day
--
-- The last hour before the watermark is not over: whoever looks for anomalies leaves it out.
INSERT INTO metric_points (chain_id, metric, dimension, bucket, bucket_start, value, as_of_block, version, is_deleted)
WITH
    (
        SELECT toDate(max(to_block_timestamp), 'UTC')
        FROM ingest_audit
        WHERE chain_id = {chain_id:UInt64} AND to_block < {from_block:UInt64}
    ) AS first_day,
    (
        SELECT max(to_block)
        FROM ingest_audit
        WHERE chain_id = {chain_id:UInt64} AND toDate(to_block_timestamp, 'UTC') < first_day
    ) AS first_block
SELECT {chain_id:UInt64}, point.1, '', 'hour', hour, sum(point.2), max(last_block), {version:UInt64}, max(is_now) = 0
FROM (
    SELECT
        toStartOfHour(block_timestamp, 'UTC') AS hour,
        [
            ('transaction_count', toFloat64(count())),
            ('failed_transaction_count', toFloat64(countIf(success = 0))),
            ('gas_used', toFloat64(sum(gas_used))),
            ('gas_price_mean', avg(toFloat64(effective_gas_price)) / 1e9)
        ] AS points,
        max(block_number) AS last_block,
        1 AS is_now
    FROM transactions
    WHERE chain_id = {chain_id:UInt64}
        AND block_number BETWEEN first_block AND {to_block:UInt64}
        AND toDate(block_timestamp, 'UTC') >= first_day
    GROUP BY hour
    UNION ALL
    SELECT
        toStartOfHour(block_timestamp, 'UTC') AS hour,
        [
            ('transfer_count', toFloat64(countIf(kind != 'fee'))),
            ('native_amount', sumIf(toFloat64(amount), kind IN ('native', 'internal')) / 1e18),
            ('active_address_count', toFloat64(uniqExactArray(arrayFilter(end -> end != toFixedString('', 20), [from_address, to_address]))))
        ] AS points,
        max(block_number) AS last_block,
        1 AS is_now
    FROM transfers
    WHERE chain_id = {chain_id:UInt64}
        AND block_number BETWEEN first_block AND {to_block:UInt64}
        AND toDate(block_timestamp, 'UTC') >= first_day
    GROUP BY hour
    UNION ALL
    SELECT bucket_start, [(CAST(metric AS String), 0.)], as_of_block, 0
    FROM metric_points
    WHERE chain_id = {chain_id:UInt64} AND bucket = 'hour' AND bucket_start >= toDateTime(first_day, 'UTC')
)
ARRAY JOIN points AS point
GROUP BY hour, point.1
