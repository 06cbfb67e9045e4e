-- What is left of a committed batch that is cut: a batch of its own, with the counts of the blocks that stay.
INSERT INTO ingest_audit
SELECT * REPLACE (
    {from_block:UInt64} AS from_block,
    {to_block:UInt64} AS to_block,
    (
        SELECT argMax(block_hash, block_number) FROM blocks
        WHERE chain_id = {chain_id:UInt64} AND block_number BETWEEN {from_block:UInt64} AND {to_block:UInt64}
    ) AS to_block_hash,
    (
        SELECT max(block_timestamp) FROM blocks
        WHERE chain_id = {chain_id:UInt64} AND block_number BETWEEN {from_block:UInt64} AND {to_block:UInt64}
    ) AS to_block_timestamp,
    (
        SELECT count() FROM blocks
        WHERE chain_id = {chain_id:UInt64} AND block_number BETWEEN {from_block:UInt64} AND {to_block:UInt64}
    ) AS block_count,
    (
        SELECT count() FROM transactions
        WHERE chain_id = {chain_id:UInt64} AND block_number BETWEEN {from_block:UInt64} AND {to_block:UInt64}
    ) AS transaction_count,
    (
        SELECT count() FROM logs
        WHERE chain_id = {chain_id:UInt64} AND block_number BETWEEN {from_block:UInt64} AND {to_block:UInt64}
    ) AS log_count,
    (
        SELECT count() FROM traces
        WHERE chain_id = {chain_id:UInt64} AND block_number BETWEEN {from_block:UInt64} AND {to_block:UInt64}
    ) AS trace_count,
    (
        SELECT count() FROM transfers
        WHERE chain_id = {chain_id:UInt64} AND block_number BETWEEN {from_block:UInt64} AND {to_block:UInt64}
    ) AS transfer_count,
    -- Newer than every row before it, whatever the clock says.
    greatest({version:UInt64}, (SELECT max(version) + 1 FROM ingest_audit WHERE chain_id = {chain_id:UInt64} SETTINGS final = 0)) AS version
)
FROM (
    SELECT *
    FROM ingest_audit
    WHERE chain_id = {chain_id:UInt64}
        AND from_block = {whole_from:UInt64}
        AND to_block = {whole_to:UInt64}
        AND source = {source:String}
) AS whole
