-- How many addresses of a chain have which grade, in ten score bins of ten.
SELECT
    CAST(grade AS String) AS grade,
    arrayMap(bin -> countEqual(groupArray(least(intDiv(toUInt32(score), 10), 9)), bin), range(10)) AS bins
FROM scores
WHERE chain_id = {chain_id:UInt64}
GROUP BY grade
