-- Withdraw the daily edges that know a withdrawn block; the next transform adds those days up anew.
INSERT INTO address_daily_edges (
    chain_id, day, from_address, to_address, token_address, kind, mark, version, is_deleted
)
SELECT chain_id, day, from_address, to_address, token_address, kind, mark, version + 1, 1
FROM address_daily_edges
WHERE chain_id = {chain_id:UInt64} AND as_of_block >= {first:UInt64}
