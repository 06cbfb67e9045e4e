-- Every recommendation of a chain in the words of a spreadsheet, the most urgent first.
SELECT
    concat('0x', lower(hex(address))) AS address,
    action,
    round(score, 1) AS score,
    grade,
    valid_until,
    arrayStringConcat(reasons, ' | ') AS reasons,
    as_of_block
FROM recommendations
WHERE chain_id = {chain_id:UInt64}
ORDER BY position
