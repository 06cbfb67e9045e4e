-- Withdraw the daily flows of tokens that know a withdrawn block; the next transform adds those days up anew.
INSERT INTO token_daily_flows (chain_id, token_address, day, version, is_deleted)
SELECT chain_id, token_address, day, version + 1, 1
FROM token_daily_flows
WHERE chain_id = {chain_id:UInt64} AND as_of_block >= {first:UInt64}
