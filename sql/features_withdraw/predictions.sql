-- Withdraw predictions of addresses that the latest run does not know.
INSERT INTO wallet_predictions (chain_id, address, version, is_deleted)
SELECT chain_id, address, {version:UInt64}, 1
FROM wallet_predictions
WHERE chain_id = {chain_id:UInt64} AND version < {version:UInt64}
