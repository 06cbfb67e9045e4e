-- All that moved in some transactions, coins and fungible tokens alone: who got what for what is read from it.
--
-- Payments come first, then calls, then events in their own order, as in tracing/histories: what came back must have come later.
SELECT
    block_number,
    transaction_index,
    CAST(kind AS String) AS kind,
    from_address,
    to_address,
    token_address,
    amount,
    token_address IN (SELECT token_address FROM token_marks WHERE chain_id = {chain_id:UInt64} AND is_spam) AS is_spam
FROM transfers
WHERE chain_id = {chain_id:UInt64}
    AND block_number IN (SELECT arrayJoin({blocks:Array(UInt64)}))
    AND (block_number, transaction_index) IN (SELECT arrayJoin(arrayZip({blocks:Array(UInt64)}, {indices:Array(UInt64)})))
    AND kind IN ('native', 'internal', 'erc20', 'wrap') AND amount > 0 AND NOT amount_overflow AND doubt = ''
ORDER BY block_number, transaction_index, transform(kind, {kinds:Array(String)}, {ranks:Array(UInt8)}, {other_rank:UInt8}), position
