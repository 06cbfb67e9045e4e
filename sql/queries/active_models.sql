-- The active models of one kind on one chain, the newest first.
SELECT model_id, CAST(kind AS String) AS kind, chain_id, as_of_block, metrics, manifest, CAST(state AS String) AS state
FROM models
WHERE kind = {kind:String} AND chain_id = {chain_id:UInt64} AND state = 'active'
ORDER BY trained_at DESC
