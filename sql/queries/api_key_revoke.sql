-- Take an API key back.
INSERT INTO api_keys
SELECT * REPLACE (toNullable(toDateTime64({revoked_at:String}, 3, 'UTC')) AS revoked_at, {version:UInt64} AS version)
FROM api_keys
WHERE prefix = {prefix:String}
