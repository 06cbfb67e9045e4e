-- Withdraw the days of fees that know a withdrawn block; the next transform adds them up anew.
INSERT INTO chain_daily_fees (chain_id, day, version, is_deleted)
SELECT chain_id, day, version + 1, 1
FROM chain_daily_fees
WHERE chain_id = {chain_id:UInt64} AND as_of_block >= {first:UInt64}
