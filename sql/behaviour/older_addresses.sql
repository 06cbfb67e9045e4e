-- Withdraw what an earlier build of the same day said of addresses that the newest one does not have.
INSERT INTO address_segments (chain_id, address, window_days, day, version, is_deleted)
SELECT chain_id, address, window_days, day, {version:UInt64}, 1
FROM address_segments AS a
WHERE chain_id = {chain_id:UInt64} AND window_days = {window_days:UInt16} AND day = {day:Date} AND a.version < {version:UInt64}
