-- The committed batches of a chain, in order of their blocks.
SELECT
    from_block,
    to_block,
    CAST(source AS String) AS source,
    location,
    block_count AS blocks,
    transaction_count AS transactions,
    log_count AS logs,
    trace_count AS traces,
    transfer_count AS transfers,
    arrayStringConcat(proofs, ', ') AS proofs,
    ingested_at
FROM ingest_audit
WHERE chain_id = {chain_id:UInt64}
ORDER BY from_block, to_block, source
