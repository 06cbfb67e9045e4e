-- Moves as if nobody had put a throw-away wallet in between: who gave in the end, to whom, when it arrived.
--
-- builds: settled
-- grain: one row per move that does not go to such a wallet
--
-- Such a wallet gets from one, passes on nearly all within {settle_seconds} to one, and does nothing else (see relays.sql). What it
-- gives counts as given by who gave to it. A contract's or service's payees are not: that a wallet passes on what it claimed is news.
CREATE OR REPLACE TEMPORARY TABLE settled
ENGINE = MergeTree
ORDER BY (token_address, from_address, block_number)
AS
WITH RECURSIVE
    hops AS
    (
        SELECT address, token_address, giver
        FROM relays
        WHERE share >= {settle_share:Float64} AND sent >= {settle_share:Float64} * received AND until - since <= {settle_seconds:UInt64}
            AND giver != receiver AND giver NOT IN (SELECT address FROM infrastructure)
            -- Who stands in a ring of such wallets trades with the others, and is looked at, not through.
            AND (address, token_address) NOT IN
                (SELECT arrayJoin(hops), token_address FROM relay_paths WHERE destination = origin OR destination = hops[1])
    ),
    walks AS
    (
        SELECT address, token_address, giver, 1 AS steps FROM hops

        UNION ALL

        SELECT walks.address, walks.token_address, hops.giver, walks.steps + 1
        FROM walks
        INNER JOIN hops ON hops.address = walks.giver AND hops.token_address = walks.token_address
        WHERE walks.steps < {most_hops:UInt64}
    ),
    roots AS
    (
        SELECT address AS hop, token_address, argMax(toNullable(giver), steps) AS root
        FROM walks
        GROUP BY hop, token_address
    )
SELECT
    block_number, block_timestamp, transaction_index, position, transaction_hash, ifNull(r.root, m.from_address) AS from_address,
    to_address, m.token_address AS token_address, units, has_known_unit, asset, is_stable
FROM moves AS m
LEFT JOIN roots AS r ON r.hop = m.from_address AND r.token_address = m.token_address
WHERE (m.to_address, m.token_address) NOT IN (SELECT address, token_address FROM hops)
    AND ifNull(r.root, m.from_address) != m.to_address
