-- One row per source of the staged statements whose content is not that of its last issue.
--
-- An import that changes nothing writes nothing: the same fingerprint is the same issue.
INSERT INTO label_issues (
    source, issue, files, file_sha256s, statement_count, address_count, added, dropped, fingerprint, imported_at, version
)
SELECT
    staged.source,
    issued.last + 1,
    staged.files,
    staged.file_sha256s,
    staged.statement_count,
    staged.address_count,
    changed.added,
    changed.dropped,
    staged.fingerprint,
    fromUnixTimestamp64Milli(toInt64(intDiv({version:UInt64}, 1000000)), 'UTC'),
    {version:UInt64}
FROM
(
    SELECT
        source,
        arraySort(groupUniqArrayIf((file, file_sha256), file != '')) AS pairs,
        arrayMap(pair -> pair.1, pairs) AS files,
        arrayMap(pair -> pair.2, pairs) AS file_sha256s,
        uniqExact(chain, address, statement) AS statement_count,
        uniqExact(chain, address) AS address_count,
        arrayReduce('groupBitXor', groupUniqArray(cityHash64(chain, address, statement))) AS fingerprint
    FROM staged_labels
    GROUP BY source
) AS staged
LEFT JOIN
(
    SELECT
        CAST(source AS String) AS source,
        max(label_issues.issue) AS last,
        argMax(label_issues.fingerprint, label_issues.issue) AS fingerprint
    FROM label_issues
    GROUP BY source
) AS issued ON issued.source = staged.source
LEFT JOIN
(
    SELECT
        CAST(source AS String) AS source,
        countIf(known_to = toDateTime64(4294967295, 3, 'UTC')) AS added,
        countIf(known_to != toDateTime64(4294967295, 3, 'UTC')) AS dropped
    FROM labels
    WHERE version = {version:UInt64}
    GROUP BY source
) AS changed ON changed.source = staged.source
WHERE issued.last = 0 OR issued.fingerprint != staged.fingerprint
