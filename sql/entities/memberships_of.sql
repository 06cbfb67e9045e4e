-- Every entity an address has belonged to, with the as-of blocks of the builds that first and no longer said so.
SELECT entity_id, since_block, if(until_block = 18446744073709551615, NULL, until_block) AS until_block, CAST(heuristic AS String) AS heuristic
FROM entity_member_rows
WHERE chain_id = {chain_id:UInt64} AND address = toFixedString(unhex({address:String}), 20)
ORDER BY since_block
