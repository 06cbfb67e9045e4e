-- Withdraw forecasts that the latest run does not make.
INSERT INTO counterparty_forecasts (chain_id, address, rank, version, is_deleted)
SELECT chain_id, address, rank, {version:UInt64}, 1
FROM counterparty_forecasts
WHERE chain_id = {chain_id:UInt64} AND version < {version:UInt64}
