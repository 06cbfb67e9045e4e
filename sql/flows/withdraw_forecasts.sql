-- Withdraw the forecasts of a chain that the latest run did not write again.
--
-- builds: counterparty_forecasts
-- grain: address, rank
INSERT INTO counterparty_forecasts
    (chain_id, address, rank, counterparty, score, model_id, as_of_block, computed_at, version, is_deleted)
SELECT
    chain_id, address, rank, counterparty, score, model_id, as_of_block, computed_at, {version:UInt64}, 1
FROM counterparty_forecasts
WHERE chain_id = {chain_id:UInt64} AND version < {version:UInt64}
