-- How many detectors have run on a chain, and up to which block the last ones knew it.
SELECT count() AS detectors, max(as_of_block) AS as_of_block
FROM typology_runs
WHERE chain_id = {chain_id:UInt64}
