-- A sample of (account, token) that moved in a range of blocks, the same for the same seed; twenty zero bytes are the native coin.
SELECT account, token
FROM (
    SELECT DISTINCT
        account,
        token_address AS token,
        kind IN ('native', 'internal', 'withdrawal', 'fee') AS is_native
    FROM transfers
    ARRAY JOIN [from_address, to_address] AS account
    WHERE chain_id = {chain_id:UInt64}
        AND block_number BETWEEN {from_block:UInt64} AND {to_block:UInt64}
        AND kind IN ('native', 'internal', 'withdrawal', 'fee', 'erc20', 'wrap')
        AND doubt = ''
        AND account != toFixedString('', 20)
)
ORDER BY cityHash64(account, token, {seed:UInt64}), account, token
LIMIT {most:UInt64} BY is_native
