-- First and last block of the staged account histories.
SELECT toUInt64(min(first)) AS from_block, toUInt64(max(last)) AS to_block
FROM (
    SELECT min(block) AS first, max(block) AS last FROM staged_transactions HAVING count() > 0
    UNION ALL
    SELECT min(block) AS first, max(block) AS last FROM staged_token_transfers HAVING count() > 0
)
