-- Withdraw the marks of addresses that know a withdrawn block; the next transform looks at all of them anew.
INSERT INTO address_marks (chain_id, address, mark, version, is_deleted)
SELECT chain_id, address, mark, version + 1, 1
FROM address_marks
WHERE chain_id = {chain_id:UInt64} AND as_of_block >= {first:UInt64}
