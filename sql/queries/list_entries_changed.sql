-- List entries that one import opened and closed.
SELECT
    countIf(known_to = toDateTime64(4294967295, 3, 'UTC')) AS added,
    countIf(known_to != toDateTime64(4294967295, 3, 'UTC')) AS dropped
FROM list_entries
WHERE version = {version:UInt64}
