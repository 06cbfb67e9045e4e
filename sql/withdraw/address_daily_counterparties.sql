-- Withdraw the days of counterparties that know a withdrawn block; the next transform counts them anew.
INSERT INTO address_daily_counterparties (chain_id, address, day, version, is_deleted)
SELECT chain_id, address, day, version + 1, 1
FROM address_daily_counterparties
WHERE chain_id = {chain_id:UInt64} AND as_of_block >= {first:UInt64}
