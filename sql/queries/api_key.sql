-- The API key of one prefix.
SELECT
    prefix,
    key_hash,
    CAST(scope AS String) AS scope,
    note,
    created_at,
    expires_at,
    revoked_at
FROM api_keys
WHERE prefix = {prefix:String}
