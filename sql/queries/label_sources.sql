-- Every source of labels: its last issue, what of it holds, and when it was imported last.
SELECT
    CAST(labels.source AS String) AS source,
    any(issued.issue) AS version,
    countIf(known_to = toDateTime64(4294967295, 3, 'UTC')) AS labels,
    uniqExactIf(address, known_to = toDateTime64(4294967295, 3, 'UTC')) AS addresses,
    countIf(known_to != toDateTime64(4294967295, 3, 'UTC')) AS dropped,
    if(any(issued.issue) = 0, max(known_from), any(issued.imported_at)) AS last_import,
    any(issued.files) AS files
FROM labels
LEFT JOIN
(
    SELECT
        CAST(source AS String) AS source,
        max(label_issues.issue) AS issue,
        argMax(label_issues.imported_at, label_issues.issue) AS imported_at,
        argMax(label_issues.files, label_issues.issue) AS files
    FROM label_issues
    GROUP BY source
) AS issued ON issued.source = CAST(labels.source AS String)
GROUP BY source
ORDER BY labels DESC, source
