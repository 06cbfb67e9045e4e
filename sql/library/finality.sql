-- How final the stored blocks are.
--
-- question: How many committed blocks are finalized, safe or only the latest, as known now? What is only the latest
--   may still be withdrawn by a reorganisation.
-- tags: data
-- column finality: finalized, safe or latest
-- column blocks: Blocks
-- column from_block: Lowest of them
-- column to_block: Highest of them
-- column transactions: Transactions in them
-- chart: finality, blocks
-- example: chainsight query run finality
SELECT
    blocks.finality AS finality,
    count() AS blocks,
    min(block_number) AS from_block,
    max(block_number) AS to_block,
    sum(transaction_count) AS transactions
FROM blocks
WHERE chain_id = {chain_id:UInt64} AND block_number <= {to_block:UInt64}
GROUP BY finality
ORDER BY from_block
