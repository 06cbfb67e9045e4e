-- Everything sources ever said of one address, what holds first, with where it comes from.
SELECT
    CAST(chain AS String) AS chain,
    CAST(source AS String) AS source,
    CAST(category AS String) AS category,
    source_category,
    label,
    round(toFloat64(confidence), 4) AS confidence,
    known_from <= toDateTime64({at:String}, 3, 'UTC') AND toDateTime64({at:String}, 3, 'UTC') < known_to AS holds,
    uri,
    context,
    if(toUnixTimestamp(stated_at) = 0, NULL, stated_at) AS stated_at,
    CAST(file AS String) AS file,
    CAST(file_sha256 AS String) AS file_sha256,
    issue,
    gone_issue,
    known_from AS imported_at,
    if(known_to = toDateTime64(4294967295, 3, 'UTC'), NULL, known_to) AS dropped_at
FROM labels
WHERE address = unhex({address_hex:String}) AND known_from <= toDateTime64({at:String}, 3, 'UTC')
ORDER BY holds DESC, confidence DESC, source, category, label, known_from
