-- Add up what a chain's transactions used and paid for gas, by day.
--
-- builds: chain_daily_fees
-- grain: chain_id, day
-- scope: day
--
-- Amounts come from the transfers of kind fee, which know what was burnt (EIP-1559), tipped and paid for blobs (EIP-4844).
INSERT INTO chain_daily_fees (
    chain_id, day, block_count, transaction_count, failed_count, gas_used, gas_limit, base_fee_lowest, base_fee_mean,
    base_fee_highest, gas_price_median, burnt_amount, tip_amount, blob_amount, fee_amount, blob_gas_used, payer_count,
    as_of_block, version, is_deleted
)
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
    ) AS first_block,
    headers AS (
        SELECT
            toDate(block_timestamp, 'UTC') AS on_day, count() AS blocks, sum(gas_limit) AS gas_allowed,
            min(base_fee_per_gas) AS lowest, avg(toFloat64(base_fee_per_gas)) AS mean, max(base_fee_per_gas) AS highest,
            max(block_number) AS last_block
        FROM blocks
        WHERE chain_id = {chain_id:UInt64} AND block_number BETWEEN first_block AND {to_block:UInt64} AND on_day >= first_day
        GROUP BY on_day
    ),
    sent AS (
        SELECT
            toDate(block_timestamp, 'UTC') AS on_day, uniqExact(block_number) AS blocks_with_any, count() AS transactions,
            countIf(success = 0) AS failed, sum(gas_used) AS gas, sum(blob_gas_used) AS blob_gas,
            quantileExact(0.5)(toFloat64(effective_gas_price)) AS price, uniqExact(from_address) AS payers,
            max(block_number) AS last_block
        FROM transactions
        WHERE chain_id = {chain_id:UInt64} AND block_number BETWEEN first_block AND {to_block:UInt64} AND on_day >= first_day
        GROUP BY on_day
    ),
    paid AS (
        SELECT
            toDate(block_timestamp, 'UTC') AS on_day, sumIf(amount, batch_index = 0) AS burnt,
            sumIf(amount, batch_index = 1) AS tipped, sumIf(amount, batch_index = 2) AS for_blobs
        FROM transfers
        WHERE chain_id = {chain_id:UInt64} AND block_number BETWEEN first_block AND {to_block:UInt64} AND on_day >= first_day
            AND kind = 'fee' AND NOT amount_overflow
        GROUP BY on_day
    ),
    days AS (
        SELECT on_day, max(is_now) AS is_now
        FROM (
            SELECT on_day, 1 AS is_now FROM headers
            UNION ALL SELECT on_day, 1 FROM sent
            UNION ALL SELECT day, 0 FROM chain_daily_fees WHERE chain_id = {chain_id:UInt64} AND day >= first_day
        )
        GROUP BY on_day
    )
SELECT
    {chain_id:UInt64},
    d.on_day,
    if(h.blocks > 0, h.blocks, s.blocks_with_any),
    s.transactions,
    s.failed,
    s.gas,
    h.gas_allowed,
    h.lowest,
    if(isNaN(h.mean), NULL, h.mean),
    h.highest,
    if(s.transactions = 0, NULL, s.price),
    p.burnt,
    p.tipped,
    p.for_blobs,
    p.burnt + p.tipped + p.for_blobs,
    s.blob_gas,
    s.payers,
    greatest(h.last_block, s.last_block),
    {version:UInt64},
    NOT d.is_now
FROM days AS d
LEFT JOIN headers AS h ON h.on_day = d.on_day
LEFT JOIN sent AS s ON s.on_day = d.on_day
LEFT JOIN paid AS p ON p.on_day = d.on_day
