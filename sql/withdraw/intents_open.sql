-- Changes that were begun and not ended, oldest first, with how many seconds ago they began.
SELECT
    intent,
    CAST(kind AS String) AS kind,
    from_block AS first,
    to_block AS last,
    writer,
    dateDiff('second', opened_at, now64(3, 'UTC')) AS age_seconds
FROM ingest_intents
WHERE chain_id = {chain_id:UInt64}
ORDER BY intent
