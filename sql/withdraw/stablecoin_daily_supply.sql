-- Withdraw the supply changes of days that know a withdrawn block; the next run of the transforms adds those days up anew.
INSERT INTO stablecoin_daily_supply (chain_id, day, token_address, version, is_deleted)
SELECT chain_id, day, token_address, version + 1, 1
FROM stablecoin_daily_supply
WHERE chain_id = {chain_id:UInt64} AND as_of_block >= {first:UInt64}
