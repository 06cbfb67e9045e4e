-- What the store holds of a chain from other kinds of sources than this one.
SELECT count() AS other_batches, min(from_block) AS other_from, max(to_block) AS other_to
FROM ingest_audit
WHERE chain_id = {chain_id:UInt64} AND (source = 'tables') != ({source:String} = 'tables')
