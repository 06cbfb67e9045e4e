-- How many blocks of a range have transactions but no traces.
SELECT count() AS untraced
FROM blocks
WHERE chain_id = {chain_id:UInt64}
    AND block_number BETWEEN {from_block:UInt64} AND {to_block:UInt64}
    AND transaction_count > 0
    AND block_number NOT IN (
        SELECT block_number
        FROM traces
        WHERE chain_id = {chain_id:UInt64} AND block_number BETWEEN {from_block:UInt64} AND {to_block:UInt64}
    )
