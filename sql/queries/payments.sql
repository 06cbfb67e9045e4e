-- Who paid whom when, up to a block, several transfers of a pair in one transaction as one; fees apart, in order of time.
SELECT
    givers.address_id AS giver,
    receivers.address_id AS receiver,
    toInt64(toUnixTimestamp(moved.block_timestamp)) AS moment
FROM
(
    SELECT block_number, block_timestamp, transaction_hash, from_address, to_address
    FROM transfers
    WHERE chain_id = {chain_id:UInt64} AND block_number <= {to_block:UInt64} AND kind IN ('native', 'erc20', 'internal')
        AND from_address != to_address AND from_address != toFixedString('', 20) AND to_address != toFixedString('', 20)
    LIMIT 1 BY block_number, transaction_hash, from_address, to_address
) AS moved
INNER JOIN (SELECT address, address_id FROM addresses WHERE chain_id = {chain_id:UInt64}) AS givers
    ON givers.address = moved.from_address
INNER JOIN (SELECT address, address_id FROM addresses WHERE chain_id = {chain_id:UInt64}) AS receivers
    ON receivers.address = moved.to_address
ORDER BY moved.block_number, moved.transaction_hash, giver, receiver
