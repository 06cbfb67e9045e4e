-- The newest committed blocks with what ties them together, the highest first; account histories have none.
SELECT block_number, lower(hex(block_hash)) AS block_hash, lower(hex(parent_hash)) AS parent_hash
FROM blocks
WHERE chain_id = {chain_id:UInt64}
    AND block_number > greatest((
        SELECT max(to_block) FROM ingest_audit WHERE chain_id = {chain_id:UInt64} AND source != 'tables'
    ), {limit:UInt64}) - {limit:UInt64}
    AND arrayExists(
        batch -> block_number BETWEEN batch.1 AND batch.2,
        (
            SELECT groupArray((from_block, to_block))
            FROM ingest_audit
            WHERE chain_id = {chain_id:UInt64} AND source != 'tables'
        )
    )
ORDER BY blocks.block_number DESC
