-- Runs in one state, oldest first.
SELECT run_id, CAST(job AS String) AS job, idempotency_key, started_at, chain_id, as_of_block, outcome
FROM runs
WHERE state = {state:String}
ORDER BY started_at, run_id
