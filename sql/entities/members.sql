-- Who belonged to which entity by the last build, as the next one compares with it.
SELECT address, entity_id, since_block, CAST(heuristic AS String) AS heuristic, probability
FROM entity_member_rows
WHERE chain_id = {chain_id:UInt64} AND until_block = 18446744073709551615
ORDER BY address
