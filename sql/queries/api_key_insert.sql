-- Record a new API key by its hash.
INSERT INTO api_keys (prefix, key_hash, scope, note, created_at, expires_at, version)
SELECT
    {prefix:String} AS prefix,
    toFixedString(unhex({key_hash:String}), 32) AS key_hash,
    {scope:String} AS scope,
    {note:String} AS note,
    toDateTime64({created_at:String}, 3, 'UTC') AS created_at,
    if({expires_at:String} = '', NULL, parseDateTime64BestEffortOrNull({expires_at:String}, 3, 'UTC')) AS expires_at,
    {version:UInt64} AS version
