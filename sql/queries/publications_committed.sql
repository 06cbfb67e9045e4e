-- The newest committed publication of each chain asked for (none: of all), or the newest with one of some numbers and its rows still kept.
SELECT
    chain_id,
    publication,
    content_key,
    policy_hash,
    model_ids,
    label_set_version,
    as_of_block,
    lower(hex(as_of_block_hash)) AS as_of_block_hash,
    toDateTime64(as_of_timestamp, 0, 'UTC') AS as_of_timestamp,
    CAST(finality AS String) AS finality,
    score_count,
    exposure_count,
    risk_label_count,
    recommendation_count,
    published_at
FROM publications
WHERE (empty({chain_ids:Array(UInt64)}) OR has({chain_ids:Array(UInt64)}, chain_id))
    AND (empty({numbers:Array(UInt64)}) OR (has({numbers:Array(UInt64)}, publication) AND rows_kept = 1))
ORDER BY chain_id, publication DESC
LIMIT 1 BY chain_id
