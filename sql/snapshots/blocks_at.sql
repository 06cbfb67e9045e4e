-- The last block with a transfer up to a moment, and the first one from it on; NULL where there is none.
--
-- Compared as seconds: a time after 2106 does not fit into a DateTime and would come out as one long ago.
SELECT
    maxOrNullIf(block_number, toUnixTimestamp(block_timestamp) <= {moment:Int64}) AS last_until,
    minOrNullIf(block_number, toUnixTimestamp(block_timestamp) >= {moment:Int64}) AS first_since
FROM transfers
WHERE chain_id = {chain_id:UInt64}
