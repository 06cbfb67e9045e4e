-- What the model read of one address when it predicted last, and whether nothing was built since; empty for one it abstained from.
WITH built AS (SELECT max(to_block) AS to_block, max(version) AS version FROM feature_marks WHERE chain_id = {chain_id:UInt64})
SELECT
    model_inputs, model_id, as_of_block,
    -- Features are also built anew up to the same block, such as where older blocks came later.
    as_of_block = (SELECT to_block FROM built) AND version > (SELECT version FROM built) AS is_current
FROM wallet_predictions
WHERE chain_id = {chain_id:UInt64} AND address = unhex({address:String})
-- One row is looked up: more threads would only wait for each other.
SETTINGS max_threads = 1
