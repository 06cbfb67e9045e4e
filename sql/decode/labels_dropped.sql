-- Close the open statements that their source no longer makes in the same words.
INSERT INTO labels (
    chain, address, category, label, source_category, source, confidence, uri, context, stated_at, file, file_sha256,
    issue, gone_issue, valid_from, valid_to, known_from, known_to, version
)
SELECT
    chain,
    address,
    category,
    label,
    source_category,
    labels.source,
    confidence,
    uri,
    context,
    stated_at,
    file,
    file_sha256,
    issue,
    issued.last + 1,
    valid_from,
    valid_to,
    known_from,
    fromUnixTimestamp64Milli(toInt64(intDiv({version:UInt64}, 1000000)), 'UTC'),
    {version:UInt64}
FROM labels
LEFT JOIN
(
    SELECT CAST(source AS String) AS source, max(label_issues.issue) AS last FROM label_issues GROUP BY source
) AS issued ON issued.source = CAST(labels.source AS String)
WHERE known_to = toDateTime64(4294967295, 3, 'UTC')
    AND labels.source IN (SELECT source FROM staged_labels)
    AND (address, chain, labels.source, statement) NOT IN (SELECT address, chain, source, statement FROM staged_labels)
