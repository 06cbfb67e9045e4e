-- Wallets whose whole life in a token is to get it from one and to pass it on to another: what a hop looks like.
--
-- builds: relays
-- grain: one row per address and token
--
-- An exchange's deposit address passes on as well, and is none. Shares, not numbers, say who the one giver and the one receiver are: dust that strangers send changes nothing.
CREATE OR REPLACE TEMPORARY TABLE relays
ENGINE = MergeTree
ORDER BY (address, token_address)
AS
WITH
    inflow AS
    (
        SELECT
            to_address AS address, token_address, sum(total) AS received, argMax(tuple(from_address, total, since, hashes), (total, from_address)) AS main
        FROM pairs
        WHERE to_address NOT IN (SELECT address FROM infrastructure) AND to_address NOT IN (SELECT address FROM exchange_doors)
        GROUP BY address, token_address
        HAVING main.2 >= {main_share:Float64} * received AND sum(transfers) <= {relay_transfers:UInt64}
    ),
    outflow AS
    (
        SELECT
            from_address AS address, token_address, min(pairs.what) AS asset, sum(total) AS sent, argMax(tuple(to_address, total, until, hashes), (total, to_address)) AS main
        FROM pairs
        WHERE from_address NOT IN (SELECT address FROM infrastructure)
        GROUP BY address, token_address
        HAVING main.2 >= {main_share:Float64} * sent AND sum(transfers) <= {relay_transfers:UInt64}
    )
SELECT
    i.address AS address, i.token_address AS token_address, o.asset AS what, i.main.1 AS giver, o.main.1 AS receiver, i.received AS received,
    o.sent AS sent, least(i.main.2 / i.received, o.main.2 / o.sent) AS share, i.main.3 AS since, o.main.3 AS until, arrayConcat(i.main.4, o.main.4) AS evidence
FROM inflow AS i
INNER JOIN outflow AS o ON o.address = i.address AND o.token_address = i.token_address
WHERE o.sent BETWEEN {passed_share:Float64} * i.received AND 1.000001 * i.received
    AND until BETWEEN since AND since + {relay_seconds:UInt64}
