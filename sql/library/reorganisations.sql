-- What reorganisations of the chain overtook.
--
-- question: Which publications rested on blocks that left the chain, from which block on, and which addresses, pairs
--   and tokens wait to be derived anew because of it?
-- tags: data, risk
-- column what: publication, or what has to be derived anew: address, pair or token
-- column from_block: Lowest block that was withdrawn
-- column items: How many
-- column publications: Numbers of the publications that no longer hold; none for the others
-- column reason: Why, as a sentence; empty for the others
-- column noticed_at: When it was noticed; NULL for the others
-- example: chainsight query run reorganisations
SELECT what, from_block, items, publications, reason, noticed_at
FROM (
    SELECT
        'publication' AS what,
        retractions.from_block AS from_block,
        count() AS items,
        groupArray(publication) AS publications,
        any(retractions.reason) AS reason,
        toNullable(max(retracted_at)) AS noticed_at
    FROM retractions
    WHERE chain_id = {chain_id:UInt64}
    GROUP BY from_block
    UNION ALL
    SELECT CAST(kind AS String), since_block, count(), emptyArrayUInt64(), '', NULL
    FROM dirty_keys
    WHERE chain_id = {chain_id:UInt64}
    GROUP BY kind, since_block
)
ORDER BY from_block, what
