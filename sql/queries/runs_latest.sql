-- The newest run of every job and chain.
SELECT
    CAST(job AS String) AS job,
    chain_id,
    argMax(CAST(state AS String), version) AS state,
    argMax(started_at, version) AS started_at,
    argMax(outcome, version) AS outcome
FROM runs
GROUP BY job, chain_id
ORDER BY job, chain_id
