-- Symbol and decimals of tokens.
SELECT hex(token_address) AS token, symbol, decimals
FROM tokens
WHERE chain_id = {chain_id:UInt64} AND has({tokens:Array(String)}, hex(token_address))
