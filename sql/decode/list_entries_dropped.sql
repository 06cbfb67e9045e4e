-- Close the open entries of one list that the staged issue of it no longer holds in the same words.
INSERT INTO list_entries (
    list_kind, entry_id, name, program, asset, address, source, file, file_sha256, valid_from, valid_to, known_from,
    known_to, version
)
SELECT
    list_kind,
    entry_id,
    name,
    program,
    asset,
    address,
    source,
    file,
    file_sha256,
    valid_from,
    valid_to,
    known_from,
    fromUnixTimestamp64Milli(toInt64(intDiv({version:UInt64}, 1000000)), 'UTC'),
    {version:UInt64}
FROM list_entries
WHERE known_to = toDateTime64(4294967295, 3, 'UTC')
    AND list_kind = {list_kind:String}
    AND source = {source:String}
    AND (address, asset, entry_id, name, program) NOT IN (
        SELECT address, asset, entry_id, name, program FROM staged_entries
    )
