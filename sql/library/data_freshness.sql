-- How far each chain's data reach, and how old they are.
--
-- question: Up to which block does the store know each chain, how far is it behind the chain's head, and how much of
--   it is final?
-- tags: data
-- column chain_id: Chain
-- column newest_block: Last committed block
-- column newest_block_at: Its time
-- column age_minutes [minutes]: Time since then
-- column head_block: Newest block of the source when it was last asked; 0 where no source said
-- column behind: Blocks between the two
-- column finalized_block: Highest block that nothing undoes any more
-- column not_final: Committed blocks above it
-- column ingested_at: When the last batch came in
-- example: chainsight query run data_freshness
SELECT
    known.chain_id AS chain_id,
    known.newest.1 AS newest_block,
    known.newest.2 AS newest_block_at,
    round((toUnixTimestamp(now()) - toInt64(toUnixTimestamp(newest_block_at))) / 60, 1) AS age_minutes,
    head.latest_block AS head_block,
    if(head_block > newest_block, head_block - newest_block, 0) AS behind,
    head.final_block AS finalized_block,
    if(newest_block > finalized_block, newest_block - finalized_block, 0) AS not_final,
    known.ingested_at AS ingested_at
FROM (
    SELECT chain_id, argMax((to_block, to_block_timestamp), to_block) AS newest, max(ingest_audit.ingested_at) AS ingested_at
    FROM ingest_audit
    GROUP BY chain_id
) AS known
LEFT JOIN (
    SELECT chain_id, max(latest_block) AS latest_block, max(finalized_block) AS final_block FROM chain_heads GROUP BY chain_id
) AS head ON head.chain_id = known.chain_id
ORDER BY chain_id
