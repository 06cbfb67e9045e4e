-- Withdraw the predictions that know a withdrawn block; their own step computes them anew.
INSERT INTO wallet_predictions (chain_id, address, version, is_deleted)
SELECT chain_id, address, version + 1, 1
FROM wallet_predictions
WHERE chain_id = {chain_id:UInt64} AND as_of_block >= {first:UInt64}
