-- Hashes of the blocks of a range that are stored with all that belongs to them: a block row, inside a committed batch.
SELECT
    block_number, lower(hex(block_hash)) AS block_hash, lower(hex(previous_hash)) AS previous_hash
FROM bitcoin_blocks
WHERE network = {network:String}
    AND block_number BETWEEN {first:UInt64} AND {last:UInt64}
    AND arrayExists(
        batch -> block_number BETWEEN batch.1 AND batch.2,
        (
            SELECT groupArray((from_block, to_block))
            FROM bitcoin_audit
            WHERE network = {network:String}
                AND state = 'committed'
                AND from_block <= {last:UInt64}
                AND to_block >= {first:UInt64}
        )
    )
ORDER BY block_number
