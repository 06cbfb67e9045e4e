-- Who gave an address its first coins.
--
-- question: Where did the first native coins of this address come from, and what is known of the giver? The first
--   step back in many an investigation.
-- tags: wallet, funding, risk
-- param address: Whose funder.
-- param most: At most so many of its first payments. [default 5]
-- column funder: Who gave
-- column funded_at: When
-- column quantity [coins]: How much
-- column amount [smallest units]: The same, exact
-- column kind: native, internal or withdrawal
-- column label: What a source says of the funder at that time; empty where none does
-- column block_number: Height
-- column transaction_hash: Transaction
-- example: chainsight query run funding_source --param address=0x1f7dfbe993e511b2a1627d3a17c4fd1c28b7870c
SELECT
    concat('0x', lower(hex(paid.from_address))) AS funder,
    paid.block_timestamp AS funded_at,
    toFloat64(paid.amount) / 1e18 AS quantity,
    paid.amount AS amount,
    CAST(paid.kind AS String) AS kind,
    arrayFirst(name -> name.valid_from <= paid.block_timestamp AND paid.block_timestamp < name.valid_to, said.names).label AS label,
    paid.block_number AS block_number,
    concat('0x', lower(hex(paid.transaction_hash))) AS transaction_hash
FROM (
    SELECT from_address, block_timestamp, amount, kind, block_number, transaction_hash, transaction_index, position
    FROM transfers
    WHERE chain_id = {chain_id:UInt64}
        AND block_number BETWEEN {from_block:UInt64} AND {to_block:UInt64}
        AND to_address = unhex(substring({address:String}, 3))
        AND kind IN ('native', 'internal', 'withdrawal')
        AND amount > 0
    ORDER BY block_number, transaction_index, kind != 'native', position
    LIMIT {most:UInt64}
) AS paid
LEFT JOIN (SELECT address, names FROM address_names WHERE chain_id = {chain_id:UInt64}) AS said ON said.address = paid.from_address
ORDER BY paid.block_number, paid.transaction_index, paid.kind != 'native', paid.position
