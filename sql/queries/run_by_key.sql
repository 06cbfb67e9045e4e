-- The newest run that succeeded with an idempotency key.
SELECT run_id, CAST(job AS String) AS job, idempotency_key, started_at, chain_id, as_of_block, outcome
FROM runs
WHERE idempotency_key = {idempotency_key:String} AND state = 'succeeded'
ORDER BY started_at DESC
LIMIT 1
