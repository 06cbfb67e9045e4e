-- Who earns the tips.
--
-- question: Which addresses did blocks pay, how many blocks had each, and what did they earn in tips?
-- tags: gas, network
-- param most: At most so many recipients. [default 20]
-- column recipient: Fee recipient
-- column blocks: Blocks it had
-- column block_share: Part of all blocks, 0 to 1
-- column tips [coins]: What it earned
-- column tips_amount [smallest units]: The same, exact
-- chart: recipient, blocks
-- example: chainsight query run fee_recipients
SELECT
    concat('0x', lower(hex(header.miner))) AS recipient,
    header.block_count AS blocks,
    header.block_count / sum(header.block_count) OVER () AS block_share,
    toFloat64(tips_amount) / 1e18 AS tips,
    paid.earned AS tips_amount
FROM (
    SELECT miner, count() AS block_count
    FROM blocks
    WHERE chain_id = {chain_id:UInt64} AND block_number BETWEEN {from_block:UInt64} AND {to_block:UInt64}
    GROUP BY miner
) AS header
LEFT JOIN (
    SELECT to_address, sum(amount) AS earned
    FROM transfers
    WHERE chain_id = {chain_id:UInt64}
        AND block_number BETWEEN {from_block:UInt64} AND {to_block:UInt64}
        AND kind = 'fee' AND batch_index = 1
    GROUP BY to_address
) AS paid ON paid.to_address = header.miner
ORDER BY blocks DESC, recipient
LIMIT {most:UInt64}
