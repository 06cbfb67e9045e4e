-- Withdraw the records of detectors that knew a withdrawn block; their next run writes them anew.
INSERT INTO typology_runs (chain_id, typology, version, is_deleted)
SELECT chain_id, typology, version + 1, 1
FROM typology_runs
WHERE chain_id = {chain_id:UInt64} AND as_of_block >= {first:UInt64}
