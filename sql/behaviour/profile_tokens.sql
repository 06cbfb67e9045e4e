-- Symbol and decimals of tokens, and whether a list gives them: what a contract calls itself proves nothing.
SELECT
    hex(token_address) AS token, symbol, decimals, source != 'contract' AS is_listed, CAST(imitates AS String) AS imitates
FROM tokens
WHERE chain_id = {chain_id:UInt64} AND hex(token_address) IN (SELECT arrayJoin({tokens:Array(String)}))
