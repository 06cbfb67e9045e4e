-- Record the state of a run; a later state of the same run replaces it.
INSERT INTO runs (run_id, job, idempotency_key, state, started_at, finished_at, chain_id, as_of_block, outcome, version)
SELECT
    {run_id:String} AS run_id,
    {job:String} AS job,
    {idempotency_key:String} AS idempotency_key,
    {state:String} AS state,
    toDateTime64({started_at:String}, 3, 'UTC') AS started_at,
    if({state:String} = 'running', NULL, toNullable(now64(3, 'UTC'))) AS finished_at,
    {chain_id:UInt64} AS chain_id,
    {as_of_block:UInt64} AS as_of_block,
    {outcome:String} AS outcome,
    {version:UInt64} AS version
