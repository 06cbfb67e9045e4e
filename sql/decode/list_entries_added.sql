-- Record the staged list entries that do not stand in the store yet.
INSERT INTO list_entries (list_kind, entry_id, name, program, asset, address, source, file, file_sha256, known_from, version)
SELECT DISTINCT
    list_kind,
    entry_id,
    name,
    program,
    asset,
    address,
    source,
    {file:String},
    {file_sha256:String},
    fromUnixTimestamp64Milli(toInt64(intDiv({version:UInt64}, 1000000)), 'UTC'),
    {version:UInt64}
FROM staged_entries
WHERE (list_kind, source, address, asset, entry_id, name, program) NOT IN (
    SELECT list_kind, source, address, asset, entry_id, name, program
    FROM list_entries
    WHERE known_to = toDateTime64(4294967295, 3, 'UTC')
)
