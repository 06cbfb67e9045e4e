-- Withdraw the forecasts that know a withdrawn block; their own step computes them anew.
INSERT INTO counterparty_forecasts (chain_id, address, rank, version, is_deleted)
SELECT chain_id, address, rank, version + 1, 1
FROM counterparty_forecasts
WHERE chain_id = {chain_id:UInt64} AND as_of_block >= {first:UInt64}
