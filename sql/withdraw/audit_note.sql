-- Say that rows of these blocks were taken back, committed or not: no reader sees the row, but what rests on them is derived again.
INSERT INTO ingest_audit (chain_id, from_block, to_block, source, version, is_deleted)
SELECT
    {chain_id:UInt64},
    {first:UInt64},
    {last:UInt64},
    'withdrawn',
    -- Newer than every row before it, whatever the clock says.
    greatest({version:UInt64}, (SELECT max(version) + 1 FROM ingest_audit WHERE chain_id = {chain_id:UInt64} SETTINGS final = 0)),
    1
