-- Blocks of a range that are stored with all that belongs to them: a block row, inside an audited batch.
SELECT block_number, block_hash, parent_hash
FROM blocks
WHERE chain_id = {chain_id:UInt64}
    AND block_number BETWEEN {first:UInt64} AND {last:UInt64}
    AND arrayExists(
        batch -> block_number BETWEEN batch.1 AND batch.2,
        (
            SELECT groupArray((from_block, to_block))
            FROM ingest_audit
            WHERE chain_id = {chain_id:UInt64}
                AND source != 'tables'
                AND from_block <= {last:UInt64}
                AND to_block >= {first:UInt64}
        )
    )
