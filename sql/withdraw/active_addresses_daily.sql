-- Withdraw the days of active addresses that know a withdrawn block; the next transform counts them anew.
INSERT INTO active_addresses_daily (chain_id, day, version, is_deleted)
SELECT chain_id, day, version + 1, 1
FROM active_addresses_daily
WHERE chain_id = {chain_id:UInt64} AND as_of_block >= {first:UInt64}
