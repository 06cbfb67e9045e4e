-- All API keys, the newest first, without their hashes.
SELECT
    prefix,
    CAST(scope AS String) AS scope,
    note,
    created_at,
    expires_at,
    revoked_at
FROM api_keys
ORDER BY created_at DESC, prefix
