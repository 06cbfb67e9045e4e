-- Which blocks were ingested, from where, and what was proven of them.
--
-- question: Which ranges of blocks does the store hold, who gave them, which hashes and roots were recomputed, and
--   how final are they?
-- tags: data
-- column chain_id: Chain
-- column source: archive, rpc or tables
-- column proofs: What was recomputed and agreed for every block of the range
-- column finality: latest, safe or finalized, when it was ingested
-- column from_block: First block
-- column to_block: Last block
-- column blocks: Blocks
-- column transactions: Transactions in them
-- column logs: Logs in them
-- column traces: Traces in them
-- column last_ingested_at: When the last of them came in
-- example: chainsight query run coverage
SELECT
    chain_id,
    CAST(source AS String) AS source,
    arrayMap(proof -> CAST(proof AS String), ingest_audit.proofs) AS proofs,
    CAST(ingest_audit.finality AS String) AS finality,
    min(ingest_audit.from_block) AS from_block,
    max(ingest_audit.to_block) AS to_block,
    sum(block_count) AS blocks,
    sum(transaction_count) AS transactions,
    sum(log_count) AS logs,
    sum(trace_count) AS traces,
    max(ingested_at) AS last_ingested_at
FROM ingest_audit
GROUP BY chain_id, source, proofs, finality
ORDER BY chain_id, from_block, source
