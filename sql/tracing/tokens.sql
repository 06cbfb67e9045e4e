-- Symbol and decimals of some tokens, for showing what was traced; tokens nobody knows have no row.
SELECT token_address, any(symbol) AS symbol, any(decimals) AS decimals
FROM tokens
WHERE chain_id = {chain_id:UInt64} AND token_address IN (SELECT arrayJoin({tokens:Array(FixedString(20))}))
GROUP BY token_address
