-- Tokens of a chain that a list names, with their symbols: what contracts call themselves is not asked.
SELECT symbol, token_address
FROM tokens
WHERE chain_id = {chain_id:UInt64} AND source != 'contract' AND symbol != '' AND token_address != toFixedString('', 20)
ORDER BY symbol, token_address
