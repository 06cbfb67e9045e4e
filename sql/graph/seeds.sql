-- Addresses from which proximity is measured: those that labels call one of the categories given, by group.
SELECT DISTINCT toInt64(a.address_id) AS id, transform(CAST(l.category AS String), {categories:Array(String)}, {groups:Array(String)}, '') AS seed_group
FROM labels AS l
INNER JOIN addresses AS a ON CAST(a.address AS String) = l.address
WHERE a.chain_id = {chain_id:UInt64} AND l.valid_to > now() AND l.known_to > now64(3)
    AND has({categories:Array(String)}, CAST(l.category AS String))
ORDER BY seed_group, id
