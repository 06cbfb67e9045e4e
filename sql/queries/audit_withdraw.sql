-- Withdraw what earlier audits of a chain found of some kinds, so that only what the new one finds stands.
INSERT INTO ingest_checks (chain_id, check_name, subject, from_block, to_block, version, is_deleted)
SELECT chain_id, check_name, subject, from_block, to_block, {version:UInt64}, 1
FROM ingest_checks
WHERE chain_id = {chain_id:UInt64} AND has({names:Array(String)}, toString(check_name))
