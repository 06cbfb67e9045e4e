-- Close the open statements that their source no longer makes in the same words.
INSERT INTO labels (
    chain, address, category, label, source_category, source, confidence, valid_from, valid_to, known_from, known_to,
    version
)
SELECT
    chain,
    address,
    category,
    label,
    source_category,
    source,
    confidence,
    valid_from,
    valid_to,
    known_from,
    fromUnixTimestamp64Milli(toInt64(intDiv({version:UInt64}, 1000000)), 'UTC'),
    {version:UInt64}
FROM labels
WHERE known_to = toDateTime64(4294967295, 3, 'UTC')
    AND source IN (SELECT source FROM staged_labels)
    AND (address, chain, source, label, source_category, category, confidence) NOT IN (
        SELECT address, chain, source, label, source_category, category, confidence FROM staged_labels
    )
