-- What the model read of one address, and whether features were built since: to_block says how far they go now.
SELECT model_inputs, model_id, as_of_block, (SELECT max(to_block) FROM feature_marks WHERE chain_id = {chain_id:UInt64}) AS to_block
FROM wallet_predictions
WHERE chain_id = {chain_id:UInt64} AND address = unhex({address:String})
-- One row is looked up: more threads would only wait for each other.
SETTINGS max_threads = 1
