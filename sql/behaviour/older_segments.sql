-- Withdraw segments that an earlier build of the same day found and the newest one did not.
INSERT INTO behaviour_segments (chain_id, window_days, day, segment_id, version, is_deleted)
SELECT chain_id, window_days, day, segment_id, {version:UInt64}, 1
FROM behaviour_segments AS s
WHERE chain_id = {chain_id:UInt64} AND window_days = {window_days:UInt16} AND day = {day:Date} AND s.version < {version:UInt64}
