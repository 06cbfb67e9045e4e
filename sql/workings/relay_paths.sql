-- Where money goes that relays pass on, hop after hop: who gave it first, over which wallets, to whom.
--
-- builds: relay_paths
-- grain: one row per relay, token and number of hops from it on, up to {most_hops}
CREATE OR REPLACE TEMPORARY TABLE relay_paths
ENGINE = MergeTree
ORDER BY (token_address, origin, destination)
AS
WITH RECURSIVE paths AS
(
    SELECT
        giver AS origin, receiver AS destination, token_address, what, [address] AS hops, received AS put_in, sent AS came_out, since,
        until, evidence
    FROM relays

    UNION ALL

    SELECT
        paths.origin, r.receiver, paths.token_address, paths.what, arrayPushBack(paths.hops, r.address), paths.put_in, r.sent, paths.since,
        greatest(paths.until, r.until), arrayConcat(paths.evidence, r.evidence)
    FROM paths
    INNER JOIN relays AS r ON r.address = paths.destination AND r.token_address = paths.token_address
    WHERE length(paths.hops) < {most_hops:UInt64} AND r.giver = paths.hops[-1] AND r.since >= paths.since
        AND NOT has(paths.hops, r.address)
)
SELECT * FROM paths
