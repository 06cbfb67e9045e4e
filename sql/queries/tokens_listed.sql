-- What lists say of tokens: symbols and the contracts that have them by right.
SELECT symbol, token_address
FROM tokens
WHERE chain_id = {chain_id:UInt64} AND source != 'contract'
ORDER BY symbol, token_address
