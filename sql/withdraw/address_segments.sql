-- Withdraw the segments of addresses that know a withdrawn block; `segments build` makes them anew.
INSERT INTO address_segments (chain_id, address, window_days, day, version, is_deleted)
SELECT chain_id, address, window_days, day, version + 1, 1
FROM address_segments
WHERE chain_id = {chain_id:UInt64} AND as_of_block >= {first:UInt64}
