-- Withdraw the marks of tokens that know a withdrawn block; the next transform looks at all of them anew.
INSERT INTO token_marks (chain_id, token_address, version, is_deleted)
SELECT chain_id, token_address, version + 1, 1
FROM token_marks
WHERE chain_id = {chain_id:UInt64} AND as_of_block >= {first:UInt64}
