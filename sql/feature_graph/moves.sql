-- Every transfer between two different addresses up to a block, in the order of the chain, by dense numbers.
SELECT
    toInt64(givers.address_id) AS giver,
    toInt64(receivers.address_id) AS receiver,
    toInt64(toUnixTimestamp(block_timestamp)) AS moved_at,
    toInt64(block_number) AS block,
    if(kind IN ('native', 'internal'), toFloat64(amount) / 1e18, 0) AS coins,
    toUInt8(kind IN ('native', 'internal', 'erc20') AND amount > 0) AS is_money
FROM transfers
INNER JOIN (SELECT address, address_id FROM addresses WHERE chain_id = {chain_id:UInt64}) AS givers
    ON givers.address = transfers.from_address
INNER JOIN (SELECT address, address_id FROM addresses WHERE chain_id = {chain_id:UInt64}) AS receivers
    ON receivers.address = transfers.to_address
WHERE chain_id = {chain_id:UInt64} AND block_number <= {to_block:UInt64} AND kind != 'fee'
    AND from_address != to_address AND from_address != toFixedString('', 20) AND to_address != toFixedString('', 20)
ORDER BY block_number, transaction_index, kind, position, batch_index
