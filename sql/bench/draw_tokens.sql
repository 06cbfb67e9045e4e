-- Tokens to ask about: of token transfers drawn at random.
SELECT hex(token_address) AS token
FROM transfers
WHERE chain_id = {chain_id:UInt64} AND kind = 'erc20'
ORDER BY cityHash64(block_number, transaction_index, position, {seed:UInt64})
LIMIT {draws:UInt64}
