-- Withdraw the segments of days that know a withdrawn block; `segments build` makes them anew.
INSERT INTO behaviour_segments (chain_id, window_days, day, segment_id, version, is_deleted)
SELECT chain_id, window_days, day, segment_id, version + 1, 1
FROM behaviour_segments
WHERE chain_id = {chain_id:UInt64} AND as_of_block >= {first:UInt64}
