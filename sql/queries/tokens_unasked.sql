-- Contracts that moved tokens and of which nothing is known yet, those with the most transfers first.
SELECT token_address, count() AS transfers
FROM transfers
WHERE chain_id = {chain_id:UInt64}
    AND block_number <= {to_block:UInt64}
    AND kind IN ('erc20', 'erc721', 'erc1155', 'wrap')
    AND token_address NOT IN (SELECT token_address FROM tokens WHERE chain_id = {chain_id:UInt64})
GROUP BY token_address
ORDER BY transfers DESC, token_address
LIMIT {most:UInt64}
