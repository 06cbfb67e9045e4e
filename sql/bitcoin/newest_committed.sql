-- The newest block not above a height that is stored with all that belongs to it; no row where there is none.
SELECT block_number
FROM bitcoin_blocks
WHERE network = {network:String}
    AND block_number <= {head:UInt64}
    AND arrayExists(
        batch -> block_number BETWEEN batch.1 AND batch.2,
        (
            SELECT groupArray((from_block, to_block))
            FROM bitcoin_audit
            WHERE network = {network:String} AND state = 'committed' AND from_block <= {head:UInt64}
        )
    )
ORDER BY block_number DESC
LIMIT 1
