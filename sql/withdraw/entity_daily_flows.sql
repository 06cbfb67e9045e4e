-- Withdraw the flows of days that know a withdrawn block; the next run of the transforms adds those days up anew.
INSERT INTO entity_daily_flows (chain_id, day, aspect, actor, category, token_address, version, is_deleted)
SELECT chain_id, day, aspect, actor, category, token_address, version + 1, 1
FROM entity_daily_flows
WHERE chain_id = {chain_id:UInt64} AND as_of_block >= {first:UInt64}
