-- Say what is about to be changed, before the first row of it.
INSERT INTO ingest_intents (chain_id, intent, kind, from_block, to_block, writer, version)
SELECT {chain_id:UInt64}, {intent:UInt64}, {kind:String}, {first:UInt64}, {last:UInt64}, {writer:String}, {intent:UInt64}
