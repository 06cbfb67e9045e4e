-- Withdraw the measures of addresses that the newest run did not measure.
INSERT INTO address_measures (chain_id, address_id, version, is_deleted)
SELECT chain_id, address_id, {version:UInt64}, 1
FROM address_measures
WHERE chain_id = {chain_id:UInt64} AND version < {version:UInt64}
