-- The last block of the last committed batch of a chain.
SELECT
    to_block AS block_number,
    to_block_hash AS block_hash,
    toDateTime64(to_block_timestamp, 0, 'UTC') AS block_timestamp,
    CAST(finality AS String) AS finality
FROM ingest_audit
WHERE chain_id = {chain_id:UInt64}
ORDER BY to_block DESC
LIMIT 1
