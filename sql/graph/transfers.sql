-- Every transfer that an edge stands for, one by one in the order of time: what cycles that respect time are found in.
--
-- The same transfers as sql/transforms/address_edges.sql adds up: no fees, no mint, burn or wrap.
WITH numbered AS (SELECT address, address_id FROM addresses WHERE chain_id = {chain_id:UInt64})
SELECT
    toInt64(givers.address_id) AS src,
    toInt64(receivers.address_id) AS dst,
    toInt64(toUnixTimestamp(t.block_timestamp)) AS time
FROM transfers AS t
INNER JOIN numbered AS givers ON givers.address = t.from_address
INNER JOIN numbered AS receivers ON receivers.address = t.to_address
WHERE t.chain_id = {chain_id:UInt64} AND t.block_number <= {as_of_block:UInt64} AND t.kind != 'fee'
    AND t.from_address != toFixedString('', 20) AND t.to_address != toFixedString('', 20)
    AND t.from_address != t.to_address
ORDER BY time, src, dst
