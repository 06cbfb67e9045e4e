-- The newest flow model of a chain that is not retired.
--
-- grain: model
SELECT model_id
FROM models
WHERE kind = 'flows' AND chain_id = {chain_id:UInt64} AND state != 'retired'
ORDER BY trained_at DESC
LIMIT 1
