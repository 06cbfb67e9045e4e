-- Which prices there are: per token, currency and source how many, from when to when, and how long each may be used.
SELECT
    chain_id,
    concat('0x', lower(hex(token_address))) AS token,
    CAST(quote AS String) AS currency,
    CAST(source AS String) AS said_by,
    count() AS prices,
    toDateTime64(min(priced_at), 0, 'UTC') AS first,
    toDateTime64(max(priced_at), 0, 'UTC') AS last,
    argMax(price, priced_at) AS last_price,
    max(bucket_seconds) AS bucket_seconds,
    max(max_age_seconds) AS max_age_seconds,
    max(known_at) AS imported_at
FROM prices
GROUP BY chain_id, token_address, quote, source
ORDER BY chain_id, token, currency, said_by
