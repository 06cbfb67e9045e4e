-- What an address has, by token, at any block.
--
-- question: Which coins and tokens did this address hold at the end of a block, as far as the store's blocks tell?
--   What it had before the first stored block is not in it, so a balance can be negative.
-- tags: wallet, balances
-- param address: Whose balances.
-- column token: Token contract; zeros for the native coin
-- column symbol: Symbol of the token where a list or the contract says it
-- column standard: native, erc20, erc721 or erc1155
-- column token_id: ERC-721 or ERC-1155 id, else 0
-- column quantity [coins or tokens]: How much, by the token's decimals; NULL where those are unknown
-- column amount [smallest units]: The same, exact
-- column last_changed: When it last changed
-- chart: symbol, quantity
-- example: chainsight query run wallet_balances --param address=0x1f7dfbe993e511b2a1627d3a17c4fd1c28b7870c --param to_block=1000
SELECT
    concat('0x', lower(hex(held.token))) AS token,
    if(standard = 'native', 'native coin', known.symbol) AS symbol,
    standard,
    id AS token_id,
    toFloat64(amount) / exp10(multiIf(standard = 'native', 18, standard = 'erc20', known.decimals, 0)) AS quantity,
    held.balance AS amount,
    last_changed
FROM (
    SELECT
        token_address AS token,
        CAST(balance_changes.standard AS String) AS standard,
        balance_changes.token_id AS id,
        sum(delta) AS balance,
        max(block_timestamp) AS last_changed
    FROM balance_changes
    WHERE chain_id = {chain_id:UInt64}
        AND block_number <= {to_block:UInt64}
        AND address = unhex(substring({address:String}, 3))
    GROUP BY token, standard, id
    HAVING balance != 0
) AS held
LEFT JOIN (
    SELECT token_address, any(tokens.symbol) AS symbol, any(tokens.decimals) AS decimals
    FROM tokens WHERE chain_id = {chain_id:UInt64} GROUP BY token_address
) AS known ON known.token_address = held.token
ORDER BY standard != 'native', standard, token, token_id
LIMIT {most:UInt64}
