-- Record the staged statements that do not stand in the store yet.
INSERT INTO labels (
    chain, address, category, label, source_category, source, confidence, known_from, version
)
SELECT DISTINCT
    chain,
    address,
    category,
    label,
    source_category,
    source,
    confidence,
    fromUnixTimestamp64Milli(toInt64(intDiv({version:UInt64}, 1000000)), 'UTC'),
    {version:UInt64}
FROM staged_labels
WHERE (address, chain, source, label, source_category, category, confidence) NOT IN (
    SELECT address, chain, source, label, source_category, category, confidence
    FROM labels
    WHERE known_to = toDateTime64(4294967295, 3, 'UTC')
)
