-- What labels say of who owns an address at the time of the as-of block and how its owner behaves: the owner's name, found clean, illicit.
SELECT
    address,
    max(entity_owners.owner) AS owner,
    argMax(entity_owners.category, entity_owners.owner != '') AS category,
    toInt64(countIf(entity_owners.category = 'licit') > 0) + 2 * toInt64(countIf(has({illicit:Array(String)}, entity_owners.category)) > 0) AS conduct
FROM entity_owners
WHERE confidence >= {min_confidence:Float64}
GROUP BY address
ORDER BY address
