-- When given addresses were first seen: for cutting data in time and for the leak alarm, never a feature.
SELECT lower(hex(address)) AS address, min(seen) AS first_seen
FROM
(
    SELECT arrayJoin([from_address, assumeNotNull(to_address)]) AS address, toInt64(toUnixTimestamp(block_timestamp)) AS seen
    FROM transactions
    WHERE chain_id = {chain_id:UInt64} AND block_number <= {to_block:UInt64}
    UNION ALL
    SELECT arrayJoin([from_address, to_address]), toInt64(toUnixTimestamp(block_timestamp))
    FROM transfers
    WHERE chain_id = {chain_id:UInt64} AND block_number <= {to_block:UInt64}
)
GROUP BY address
