-- Blocks where the native transfers do not add up to the value that successful transactions sent.
SELECT
    if(sent.block_number = 0, moved.block_number, sent.block_number) AS block_number, toString(sent.wei) AS wei_sent, toString(moved.wei) AS wei_moved
FROM
(
    -- The supply bounds both sums far below 256 bits, so they cannot wrap.
    SELECT block_number, sum(value) AS wei FROM transactions
    WHERE chain_id = {chain_id:UInt64} AND success != 0
        AND block_number <= (SELECT max(to_block) FROM ingest_audit WHERE chain_id = {chain_id:UInt64})
    GROUP BY block_number
    HAVING wei > 0
) AS sent
FULL OUTER JOIN
(
    SELECT block_number, sum(amount) AS wei FROM transfers
    WHERE chain_id = {chain_id:UInt64} AND kind = 'native'
    GROUP BY block_number
    HAVING wei > 0
) AS moved ON moved.block_number = sent.block_number
WHERE sent.wei != moved.wei
ORDER BY block_number
LIMIT 100
