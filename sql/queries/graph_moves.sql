-- Every movement between two numbered addresses as an edge for the graph encoder, in order of time.
SELECT
    givers.address_id AS giver,
    receivers.address_id AS receiver,
    toInt64(toUnixTimestamp(moved.block_timestamp)) AS moment,
    moved.kind NOT IN ('native', 'internal') AS is_token,
    if(is_token, 0, log1p(toFloat64(moved.amount) / 1e15)) AS log_amount
FROM transfers AS moved
INNER JOIN (SELECT address, address_id FROM addresses WHERE chain_id = {chain_id:UInt64}) AS givers
    ON givers.address = moved.from_address
INNER JOIN (SELECT address, address_id FROM addresses WHERE chain_id = {chain_id:UInt64}) AS receivers
    ON receivers.address = moved.to_address
WHERE moved.chain_id = {chain_id:UInt64} AND moved.block_number <= {to_block:UInt64} AND moved.kind != 'fee'
ORDER BY moved.block_number
