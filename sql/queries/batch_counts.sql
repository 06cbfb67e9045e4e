-- What a committed batch holds.
SELECT
    block_count AS blocks,
    transaction_count AS transactions,
    log_count AS logs,
    trace_count AS traces,
    transfer_count AS transfers
FROM ingest_audit
WHERE chain_id = {chain_id:UInt64} AND from_block = {from_block:UInt64} AND to_block = {to_block:UInt64}
