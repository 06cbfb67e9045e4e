-- Take back the batches that hold one of the blocks; what stays of them was written as batches of their own before.
INSERT INTO ingest_audit (chain_id, from_block, to_block, source, version, is_deleted)
SELECT
    chain_id,
    from_block,
    to_block,
    source,
    -- Newer than every row before it, whatever the clock says.
    greatest({version:UInt64}, (SELECT max(version) + 1 FROM ingest_audit WHERE chain_id = {chain_id:UInt64} SETTINGS final = 0)),
    1
FROM ingest_audit
WHERE chain_id = {chain_id:UInt64}
    AND source != 'tables'
    AND from_block <= {last:UInt64}
    AND to_block >= {first:UInt64}
