-- Withdraw the daily flows of addresses that know a withdrawn block; the next transform adds those days up anew.
INSERT INTO address_daily_flows (chain_id, address, day, token_address, version, is_deleted)
SELECT chain_id, address, day, token_address, version + 1, 1
FROM address_daily_flows
WHERE chain_id = {chain_id:UInt64} AND as_of_block >= {first:UInt64}
