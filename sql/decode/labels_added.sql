-- Record the staged statements that do not stand in the store yet, under the next number of their source's issues.
INSERT INTO labels (
    chain, address, category, label, source_category, source, confidence, uri, context, stated_at, file, file_sha256,
    issue, known_from, version
)
SELECT
    chain,
    address,
    category,
    label,
    source_category,
    staged_labels.source,
    confidence,
    uri,
    context,
    stated_at,
    any(file),
    any(file_sha256),
    any(issued.last) + 1,
    fromUnixTimestamp64Milli(toInt64(intDiv({version:UInt64}, 1000000)), 'UTC'),
    {version:UInt64}
FROM staged_labels
LEFT JOIN
(
    SELECT CAST(source AS String) AS source, max(label_issues.issue) AS last FROM label_issues GROUP BY source
) AS issued ON issued.source = staged_labels.source
WHERE (address, chain, staged_labels.source, statement) NOT IN (
    SELECT address, chain, source, statement FROM labels WHERE known_to = toDateTime64(4294967295, 3, 'UTC')
)
GROUP BY chain, address, category, label, source_category, staged_labels.source, confidence, uri, context, stated_at
