-- Every score of a chain in the words of a spreadsheet, the riskiest first.
SELECT
    concat('0x', lower(hex(address))) AS address,
    round(score, 1) AS score,
    grade,
    probability,
    anomaly,
    arrayStringConcat(reasons, ' | ') AS reasons,
    as_of_block
FROM scores
WHERE chain_id = {chain_id:UInt64}
ORDER BY score DESC, address
