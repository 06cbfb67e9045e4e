-- Per source of the staged statements: addresses it speaks of in the store, and those it would speak of no more.
SELECT
    source,
    count() AS open,
    countIf((source, chain, address) NOT IN (SELECT source, chain, address FROM staged_labels)) AS vanishing
FROM (
    SELECT DISTINCT CAST(source AS String) AS source, CAST(chain AS String) AS chain, address
    FROM labels
    WHERE known_to = toDateTime64(4294967295, 3, 'UTC') AND source IN (SELECT source FROM staged_labels)
)
GROUP BY source
HAVING vanishing > 0
ORDER BY source
