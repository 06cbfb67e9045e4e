-- Whether what is known of tokens now would make other ERC-20 transfers: a row when it would, none when nothing changes.
--
-- Token contracts are learned of all the time, and hardly ever does one change a transfer: only those of collections that leave the
-- third topic away, and of old tokens that index nothing (see transforms/transfers_erc20.sql). Asking is one look at three columns.
SELECT block_number
FROM transfers
WHERE chain_id = {chain_id:UInt64}
    AND (
        (kind = 'erc20' AND doubt != 'unindexed_form' AND (doubt = 'collection_with_amount') != (token_address IN (
            SELECT token_address FROM tokens WHERE chain_id = {chain_id:UInt64} AND standard = 'erc721'
        )))
        OR (doubt = 'unindexed_form' AND (kind = 'erc20') != (token_address IN (
            SELECT token_address
            FROM tokens
            WHERE chain_id = {chain_id:UInt64} AND (standard = 'erc20' OR (standard IN ('', 'unknown') AND decimals > 0))
        )))
    )
LIMIT 1
