-- Measure a chain and its tokens by the day, from the daily facts.
--
-- builds: metric_points
-- grain: chain_id, metric, dimension, day
-- scope: day
--
-- The last day before the watermark is not over: whoever looks for anomalies leaves it out.
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
SELECT {chain_id:UInt64}, point.1, of, 'day', toDateTime(on_day, 'UTC'), sum(point.2), max(last_block), {version:UInt64}, max(is_now) = 0
FROM (
    SELECT
        day AS on_day,
        '' AS of,
        arrayConcat([
            ('transaction_count', toFloat64(transaction_count)),
            ('failed_transaction_count', toFloat64(failed_count)),
            ('gas_used', toFloat64(gas_used)),
            ('fee_amount', toFloat64(fee_amount) / 1e18),
            ('burnt_amount', toFloat64(burnt_amount) / 1e18)
        ],
        -- Where nobody paid there is no price: no point, not zero.
        if(gas_price_median IS NULL, [], [('gas_price_median', assumeNotNull(gas_price_median) / 1e9)])) AS points,
        as_of_block AS last_block,
        1 AS is_now
    FROM chain_daily_fees
    WHERE chain_id = {chain_id:UInt64} AND day >= first_day
    UNION ALL
    SELECT
        day,
        '',
        [('active_address_count', toFloat64(active_count)), ('new_address_count', toFloat64(new_count))],
        as_of_block,
        1
    FROM active_addresses_daily
    WHERE chain_id = {chain_id:UInt64} AND day >= first_day
    UNION ALL
    SELECT
        day,
        concat('0x', lower(hex(token_address))),
        [
            ('token_transfer_count', toFloat64(transfer_count)),
            ('token_transfer_amount', toFloat64(transfer_amount)),
            ('token_active_holder_count', toFloat64(active_holder_count))
        ],
        as_of_block,
        1
    FROM token_daily_flows
    WHERE chain_id = {chain_id:UInt64} AND day >= first_day
    UNION ALL
    SELECT toDate(bucket_start, 'UTC'), dimension, [(CAST(metric AS String), 0.)], as_of_block, 0
    FROM metric_points
    WHERE chain_id = {chain_id:UInt64} AND bucket = 'day' AND bucket_start >= toDateTime(first_day, 'UTC')
)
ARRAY JOIN points AS point
GROUP BY on_day, of, point.1
