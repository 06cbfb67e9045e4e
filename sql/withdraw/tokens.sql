-- Withdraw what token contracts answered at a withdrawn block; they are asked anew.
INSERT INTO tokens (chain_id, token_address, version, is_deleted)
SELECT chain_id, token_address, version + 1, 1
FROM tokens
WHERE chain_id = {chain_id:UInt64} AND as_of_block >= {first:UInt64} AND as_of_block > 0
