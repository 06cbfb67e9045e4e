-- The API key that begins so, with the hash of the whole.
SELECT prefix, lower(hex(key_hash)) AS key_hash, CAST(scope AS String) AS scope, note, created_at, expires_at, revoked_at
FROM api_keys
WHERE prefix = {prefix:String}
