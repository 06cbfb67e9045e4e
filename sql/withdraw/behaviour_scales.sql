-- Withdraw the scales of behaviour that know a withdrawn block; `segments build` makes them anew.
INSERT INTO behaviour_scales (chain_id, window_days, fit_day, trait, version, is_deleted)
SELECT chain_id, window_days, fit_day, trait, version + 1, 1
FROM behaviour_scales
WHERE chain_id = {chain_id:UInt64} AND as_of_block >= {first:UInt64}
