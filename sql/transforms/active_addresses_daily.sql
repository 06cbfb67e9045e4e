-- Count the addresses that did something, by day, and how many of them were never seen before.
--
-- builds: active_addresses_daily
-- grain: chain_id, day
-- scope: day
--
-- An address is new on the day of its first transfer of any kind in this store (addresses.first_block): a store that begins in
-- the middle of a chain finds everybody new on its first day.
INSERT INTO active_addresses_daily (
    chain_id, day, active_count, giver_count, receiver_count, new_count, returning_count, as_of_block, version, is_deleted
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
    ) AS first_block
SELECT
    {chain_id:UInt64},
    on_day,
    countIf(is_now),
    countIf(gave),
    countIf(received),
    countIf(is_now AND is_new),
    countIf(is_now AND NOT is_new),
    max(last_block),
    {version:UInt64},
    countIf(is_now) = 0
FROM (
    SELECT
        a.on_day AS on_day, a.gave AS gave, a.received AS received, a.last_block AS last_block, 1 AS is_now,
        a.began = n.began AS is_new
    FROM (
        SELECT
            toDate(block_timestamp, 'UTC') AS on_day, end.1 AS who, max(end.2) AS gave, max(NOT end.2) AS received,
            min(block_number) AS began, max(block_number) AS last_block
        FROM transfers
        ARRAY JOIN [(from_address, 1), (to_address, 0)] AS end
        WHERE chain_id = {chain_id:UInt64}
            AND block_number BETWEEN first_block AND {to_block:UInt64}
            AND toDate(block_timestamp, 'UTC') >= first_day
            AND end.1 != toFixedString('', 20)
        GROUP BY on_day, who
    ) AS a
    LEFT JOIN (SELECT address, addresses.first_block AS began FROM addresses WHERE chain_id = {chain_id:UInt64}) AS n ON n.address = a.who
    UNION ALL
    SELECT day, 0, 0, as_of_block, 0, 0
    FROM active_addresses_daily
    WHERE chain_id = {chain_id:UInt64} AND day >= first_day
)
GROUP BY on_day
