-- Attempts that have rows of a chain and were never committed, and how many seconds ago each last wrote one.
SELECT
    toUInt64(extract(partition, '(\\d+)\\)$')) AS publication,
    dateDiff('second', max(modification_time), now()) AS idle_seconds
FROM system.parts
WHERE active AND database = currentDatabase()
    AND table IN ('score_rows', 'exposure_rows', 'risk_label_rows', 'recommendation_rows')
    AND toUInt64(extract(partition, '^\\((\\d+)')) = {chain_id:UInt64}
    AND publication NOT IN (SELECT publication FROM publications WHERE chain_id = {chain_id:UInt64})
GROUP BY publication
ORDER BY publication
