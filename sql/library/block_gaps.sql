-- Ranges of blocks that the store has not.
--
-- question: Which blocks are missing between the first and the last block of the store? None means that sums over
--   ranges are whole.
-- tags: data
-- column from_block: First missing block
-- column to_block: Last missing block
-- column missing: How many
-- example: chainsight query run block_gaps
SELECT
    before + 1 AS from_block,
    block_number - 1 AS to_block,
    block_number - before - 1 AS missing
FROM (
    SELECT
        block_number,
        if(row_number() OVER byHeight = 1, block_number - 1, lagInFrame(block_number) OVER byHeight) AS before
    FROM blocks
    WHERE chain_id = {chain_id:UInt64}
    WINDOW byHeight AS (ORDER BY block_number ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
)
WHERE missing > 0
ORDER BY block_number
