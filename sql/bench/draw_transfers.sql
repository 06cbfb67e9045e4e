-- Parties, blocks and moments to ask about: of transfers drawn at random, so that who moves more is asked about more often.
SELECT
    hex(if(cityHash64(block_number, position, {seed:UInt64}) % 2, from_address, to_address)) AS address,
    block_number AS block,
    toUnixTimestamp(block_timestamp) AS timestamp
FROM transfers
WHERE chain_id = {chain_id:UInt64} AND from_address != toFixedString('', 20) AND to_address != toFixedString('', 20)
ORDER BY cityHash64(block_number, transaction_index, position, {seed:UInt64})
LIMIT {draws:UInt64}
