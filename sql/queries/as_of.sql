-- The last block of the last committed batch of a chain, with its finality as it is known now.
--
-- Account histories say that they are final when they are read; for blocks the source's head tells.
SELECT
    to_block AS block_number,
    to_block_hash AS block_hash,
    toDateTime64(to_block_timestamp, 0, 'UTC') AS block_timestamp,
    multiIf(
        ingest_audit.finality = 'finalized' OR to_block <= joinGet('chain_finality', 'finalized_block', chain_id), 'finalized',
        ingest_audit.finality = 'safe' OR to_block <= joinGet('chain_finality', 'safe_block', chain_id), 'safe',
        'latest'
    ) AS finality
FROM ingest_audit
WHERE chain_id = {chain_id:UInt64}
ORDER BY to_block DESC
LIMIT 1
