-- Batches that were committed, cut or withdrawn since a version: tombstones are rows of it like the others.
SELECT from_block, to_block, version, CAST(is_deleted AS Bool) AS is_withdrawal
FROM ingest_audit
WHERE chain_id = {chain_id:UInt64} AND version > {since:UInt64}
ORDER BY version
SETTINGS final = 0
