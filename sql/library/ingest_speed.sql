-- How fast blocks came in, batch by batch.
--
-- question: How many blocks and rows did each batch bring, and how long after the batch before it was it committed?
-- tags: data
-- column ingested_at: When the batch was committed
-- column from_block: First block
-- column to_block: Last block
-- column blocks: Blocks
-- column rows: Blocks, transactions, logs, traces and transfers
-- column seconds [seconds]: Since the batch before; NULL for the first
-- column blocks_per_second: NULL for the first
-- column source: archive, rpc or tables
-- chart: ingested_at, blocks_per_second
-- example: chainsight query run ingest_speed
SELECT
    ingested_at,
    ingest_audit.from_block AS from_block,
    ingest_audit.to_block AS to_block,
    block_count AS blocks,
    block_count + transaction_count + log_count + trace_count + transfer_count AS rows,
    if(row_number() OVER inOrder = 1, NULL, dateDiff('millisecond', lagInFrame(ingested_at) OVER inOrder, ingested_at) / 1000) AS seconds,
    if(seconds > 0, blocks / seconds, NULL) AS blocks_per_second,
    CAST(source AS String) AS source
FROM ingest_audit
WHERE chain_id = {chain_id:UInt64}
WINDOW inOrder AS (ORDER BY ingested_at, to_block ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
ORDER BY ingested_at DESC, to_block DESC
LIMIT {most:UInt64}
