-- One transfer whose mark another number of decimals of a stablecoin would change, if there is any.
WITH bounds AS (
    SELECT token_address AS token, if(decimals <= 30, toUInt256(exp10(greatest(assumeNotNull(decimals), 2) - 2)), 0) AS bound
    FROM tokens
    WHERE chain_id = {chain_id:UInt64} AND has({stablecoins:Array(String)}, concat('0x', lower(hex(token_address))))
)
SELECT t.block_number AS block_number, t.position AS position
FROM transfers AS t
INNER JOIN bounds ON bounds.token = t.token_address
LEFT JOIN (
    SELECT block_number, transaction_index, kind, position, batch_index, mark FROM transfer_marks WHERE chain_id = {chain_id:UInt64}
) AS m
    ON m.block_number = t.block_number AND m.transaction_index = t.transaction_index AND m.kind = t.kind
    AND m.position = t.position AND m.batch_index = t.batch_index
WHERE t.chain_id = {chain_id:UInt64} AND t.kind = 'erc20' AND t.amount > 0 AND m.mark IN ('', 'dust')
    AND (t.amount < bound) != (m.mark = 'dust')
LIMIT 1
