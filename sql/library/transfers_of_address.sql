-- The latest transfers of an address, with who is on the other side.
--
-- question: What did this address give and take, newest first, and what is known of the other side?
-- tags: wallet, transfers
-- param address: Whose transfers.
-- column block_timestamp: When
-- column direction: sent or received
-- column counterparty: The other side; zeros for nobody
-- column label: What a source says of it at that time; empty where none does
-- column kind: native, internal, erc20 …
-- column symbol: Symbol of the token; empty where nobody says it
-- column quantity [coins or tokens]: How much, by the token's decimals; NULL where those are unknown
-- column amount [smallest units]: The same, exact
-- column transaction_hash: Transaction
-- column block_number: Height
-- chart: block_timestamp, quantity, direction
-- example: chainsight query run transfers_of_address --param address=0x1f7dfbe993e511b2a1627d3a17c4fd1c28b7870c --param most=10
SELECT
    moved.block_timestamp AS block_timestamp,
    if(moved.gives, 'sent', 'received') AS direction,
    concat('0x', lower(hex(moved.other))) AS counterparty,
    arrayFirst(name -> name.valid_from <= moved.block_timestamp AND moved.block_timestamp < name.valid_to, said.names).label AS label,
    moved.shown_kind AS kind,
    if(moved.token_address = unhex(repeat('00', 20)), 'native coin', known.symbol) AS symbol,
    toFloat64(moved.amount) / exp10(multiIf(
        moved.token_address = unhex(repeat('00', 20)), 18, kind IN ('erc20', 'wrap'), known.decimals, 0
    )) AS quantity,
    moved.amount AS amount,
    concat('0x', lower(hex(moved.transaction_hash))) AS transaction_hash,
    moved.block_number AS block_number
FROM (
    SELECT
        block_timestamp, block_number, transaction_index, position, batch_index, transaction_hash, token_address, amount,
        CAST(kind AS String) AS shown_kind,
        from_address = unhex(substring({address:String}, 3)) AS gives,
        if(gives, to_address, from_address) AS other
    FROM transfers
    WHERE chain_id = {chain_id:UInt64}
        AND block_number BETWEEN {from_block:UInt64} AND {to_block:UInt64}
        AND kind != 'fee'
        AND (from_address = unhex(substring({address:String}, 3)) OR to_address = unhex(substring({address:String}, 3)))
    ORDER BY block_number DESC, transaction_index DESC, kind, position, batch_index
    LIMIT {most:UInt64}
) AS moved
LEFT JOIN (SELECT address, names FROM address_names WHERE chain_id = {chain_id:UInt64}) AS said ON said.address = moved.other
LEFT JOIN (
    SELECT token_address, any(tokens.symbol) AS symbol, any(tokens.decimals) AS decimals
    FROM tokens WHERE chain_id = {chain_id:UInt64} GROUP BY token_address
) AS known ON known.token_address = moved.token_address
ORDER BY moved.block_number DESC, moved.transaction_index DESC, moved.shown_kind, moved.position, moved.batch_index
