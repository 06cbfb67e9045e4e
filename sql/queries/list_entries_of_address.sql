-- Everything official lists ever said of one address, what holds first.
SELECT
    CAST(list_kind AS String) AS list_kind,
    CAST(source AS String) AS source,
    entry_id,
    name,
    program,
    CAST(asset AS String) AS asset,
    known_from <= toDateTime64({at:String}, 3, 'UTC') AND toDateTime64({at:String}, 3, 'UTC') < known_to AS holds,
    known_from AS imported_at,
    if(known_to = toDateTime64(4294967295, 3, 'UTC'), NULL, known_to) AS dropped_at
FROM list_entries
WHERE address = unhex({address_hex:String}) AND known_from <= toDateTime64({at:String}, 3, 'UTC')
ORDER BY holds DESC, list_kind, source, entry_id, known_from
