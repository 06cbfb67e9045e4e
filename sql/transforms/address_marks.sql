-- Mark the addresses that tie strangers together (services, hubs), and the bait of address poisoning.
--
-- builds: address_marks
-- grain: chain_id, address, mark
-- scope: history
--
-- A service is one by the labels that hold at the time of the last transfer known; a hub has {hub_neighbours} givers or receivers,
-- mints, burns and marked transfers apart. graph/snapshots.py runs the same statement over days that were cut.
INSERT INTO address_marks (
    chain_id, address, mark, category, neighbour_count, as_of_block, version, is_deleted
)
WITH
    (SELECT max(last_timestamp) FROM address_daily_edges WHERE chain_id = {chain_id:UInt64}) AS known_until,
    toFixedString('', 20) AS nobody,
    pairs AS (
        SELECT DISTINCT from_address, to_address, mark = 'poisoning' AS is_bait
        FROM address_daily_edges
        WHERE chain_id = {chain_id:UInt64} AND mark IN ('', 'poisoning')
            AND from_address != to_address AND from_address != nobody AND to_address != nobody
    ),
    current AS (
        SELECT
            side.1 AS who, 'hub' AS reason, '' AS what,
            greatest(countIf(side.2 = 'in'), countIf(side.2 = 'out')) AS neighbours
        FROM pairs
        ARRAY JOIN [(from_address, 'out'), (to_address, 'in')] AS side
        WHERE NOT is_bait
        GROUP BY who
        HAVING neighbours >= {hub_neighbours:UInt64}
        UNION ALL
        SELECT to_address, 'bait', '', count()
        FROM pairs
        WHERE is_bait
        GROUP BY to_address
        UNION ALL
        SELECT address, 'service', CAST(category AS String), 0
        FROM address_actors
        WHERE chain_id = {chain_id:UInt64} AND aspect = 'service' AND category != 'deposit'
            AND valid_from <= known_until AND known_until < valid_to
    )
SELECT {chain_id:UInt64}, who, reason, what, neighbours, {to_block:UInt64}, {version:UInt64}, 0
FROM current
UNION ALL
SELECT {chain_id:UInt64}, address, mark, category, 0, {to_block:UInt64}, {version:UInt64}, 1
FROM address_marks
WHERE chain_id = {chain_id:UInt64} AND (address, CAST(mark AS String)) NOT IN (SELECT who, reason FROM current)
