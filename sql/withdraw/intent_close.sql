-- Say that a change has come to its end.
INSERT INTO ingest_intents (chain_id, intent, kind, from_block, to_block, version, is_deleted)
SELECT chain_id, intent, kind, from_block, to_block, version + 1, 1
FROM ingest_intents
WHERE chain_id = {chain_id:UInt64} AND intent = {intent:UInt64}
