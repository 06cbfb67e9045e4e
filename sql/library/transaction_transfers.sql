-- Everything that one transaction moved.
--
-- question: What went from whom to whom inside this transaction: coins, calls, tokens, collectibles, gas?
-- tags: transfers
-- param transaction_hash: Hash of the transaction.
-- column kind: native, internal, erc20, erc721, erc1155, wrap or fee
-- column giver: Who gave it; zeros where it was created
-- column receiver: Who got it; zeros where it was destroyed
-- column token: Token contract; zeros for the native coin
-- column symbol: Symbol of the token; empty where nobody says it
-- column quantity [coins or tokens]: How much, by the token's decimals; NULL where those are unknown
-- column amount [smallest units]: The same, exact
-- column token_id: ERC-721 or ERC-1155 id, else 0
-- example: chainsight query run transaction_transfers --param transaction_hash=0x035998f10ded58932ec5f1af2a8431c8647ec862e1cf71c87e52c5352e169987
SELECT
    moved.shown_kind AS kind,
    concat('0x', lower(hex(moved.from_address))) AS giver,
    concat('0x', lower(hex(moved.to_address))) AS receiver,
    concat('0x', lower(hex(moved.token_address))) AS token,
    if(moved.token_address = unhex(repeat('00', 20)), 'native coin', known.symbol) AS symbol,
    toFloat64(moved.amount) / exp10(multiIf(
        moved.token_address = unhex(repeat('00', 20)), 18, kind IN ('erc20', 'wrap'), known.decimals, 0
    )) AS quantity,
    moved.amount AS amount,
    moved.token_id AS token_id
FROM (
    SELECT CAST(kind AS String) AS shown_kind, from_address, to_address, token_address, amount, token_id, position, batch_index
    FROM transfers
    WHERE chain_id = {chain_id:UInt64}
        AND (block_number, transaction_index) IN (
            SELECT block_number, transaction_index FROM transactions
            WHERE chain_id = {chain_id:UInt64} AND transaction_hash = unhex(substring({transaction_hash:String}, 3))
        )
) AS moved
LEFT JOIN (
    SELECT token_address, any(tokens.symbol) AS symbol, any(tokens.decimals) AS decimals
    FROM tokens WHERE chain_id = {chain_id:UInt64} GROUP BY token_address
) AS known ON known.token_address = moved.token_address
ORDER BY kind = 'fee', kind != 'native', kind, moved.position, moved.batch_index
