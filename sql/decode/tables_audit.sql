-- The audit row of a folder of account histories: written last, it makes the rest visible as ingested.
INSERT INTO ingest_audit (
    chain_id, from_block, to_block, to_block_hash, to_block_timestamp, source, location, block_count,
    transaction_count, log_count, trace_count, transfer_count, proofs, finality, version
)
SELECT
    {chain_id:UInt64},
    {from_block:UInt64},
    {to_block:UInt64},
    toFixedString('', 32),
    (SELECT toDateTime(max(ts), 'UTC') FROM staged_transactions),
    'tables',
    {location:String},
    uniqExact(block_number),
    count(),
    0,
    0,
    (
        SELECT count()
        FROM transfers
        WHERE chain_id = {chain_id:UInt64} AND block_number BETWEEN {from_block:UInt64} AND {to_block:UInt64}
    ),
    [],
    'finalized',
    -- Newer than every row before it, whatever the clock says.
    greatest({version:UInt64}, (SELECT max(version) + 1 FROM ingest_audit WHERE chain_id = {chain_id:UInt64} SETTINGS final = 0))
FROM transactions
WHERE chain_id = {chain_id:UInt64} AND block_number BETWEEN {from_block:UInt64} AND {to_block:UInt64}
