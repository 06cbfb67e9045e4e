-- Committed batches of Bitcoin blocks of one network, in order of their blocks.
SELECT
    from_block,
    to_block,
    source,
    location,
    block_count AS blocks,
    transaction_count AS transactions,
    input_count AS inputs,
    output_count AS outputs,
    arrayStringConcat(proofs, ', ') AS proofs,
    ingested_at
FROM bitcoin_audit
WHERE network = {network:String} AND state = 'committed'
ORDER BY from_block
