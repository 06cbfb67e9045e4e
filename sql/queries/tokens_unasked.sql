-- Contracts that moved tokens and of which nothing is known yet, those with the most transfers first.
--
-- Those that answered nothing come last: they may answer at another block, or the node that was asked was at fault.
WITH
    known AS (SELECT token_address, source = 'contract' AND has(flags, 'no_answer') AS is_mute FROM tokens WHERE chain_id = {chain_id:UInt64})
SELECT token_address, count() AS transfers
FROM transfers
WHERE chain_id = {chain_id:UInt64}
    AND block_number <= {to_block:UInt64}
    AND kind IN ('erc20', 'erc721', 'erc1155', 'wrap')
    AND token_address NOT IN (SELECT token_address FROM known WHERE NOT is_mute)
GROUP BY token_address
ORDER BY token_address IN (SELECT token_address FROM known), transfers DESC, token_address
LIMIT {most:UInt64}
