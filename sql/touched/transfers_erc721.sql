-- Whether what is known of tokens now would make other ERC-721 transfers: a row when it would, none when nothing changes.
--
-- That is so for contracts that index nothing and are known as ERC-20 now, or no longer (see transforms/transfers_erc721.sql).
SELECT block_number
FROM transfers
WHERE chain_id = {chain_id:UInt64}
    AND doubt = 'unindexed_form'
    AND (kind = 'erc20') != (token_address IN (
        SELECT token_address
        FROM tokens
        WHERE chain_id = {chain_id:UInt64} AND (standard = 'erc20' OR (standard IN ('', 'unknown') AND decimals > 0))
    ))
LIMIT 1
