-- Say that the derived rows of the dirty keys are right again.
INSERT INTO dirty_keys (chain_id, kind, key, since_block, version, is_deleted)
SELECT chain_id, kind, key, since_block, version + 1, 1
FROM dirty_keys
WHERE chain_id = {chain_id:UInt64} AND version <= {version:UInt64}
