-- Withdraw the findings that know a withdrawn block; their own step computes them anew.
INSERT INTO typology_findings (chain_id, address, typology, role, version, is_deleted)
SELECT chain_id, address, typology, role, version + 1, 1
FROM typology_findings
WHERE chain_id = {chain_id:UInt64} AND as_of_block >= {first:UInt64}
