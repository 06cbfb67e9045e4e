-- First and last block in which anything moved within a span of time, up to the watermark.
SELECT
    minOrNull(block_number) AS first_block,
    maxOrNull(block_number) AS last_block
FROM transfers
WHERE chain_id = {chain_id:UInt64}
    AND block_number <= {as_of_block:UInt64}
    AND block_timestamp >= {since:DateTime}
    AND block_timestamp < {until:DateTime}
