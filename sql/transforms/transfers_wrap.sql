-- Native coin wrapped and unwrapped: Deposit(address,uint256) and Withdrawal(address,uint256) of WETH and its like.
--
-- builds: transfers
-- grain: chain_id, log
-- scope: commit
--
-- Wrapping comes from the zero address, unwrapping goes to it. Few contracts index nothing and put account and amount into the
-- data; that form counts too. Vaults and stakers emit the same Deposit for deposits of other tokens (3 of 464 in 23 blocks of
-- Ethereum, none of which wrapped anything), so where the chain's settings list wrapped natives, events of other contracts
-- are in doubt: unlisted_wrapper.
--
-- Some wrappers (Scroll's) mint and burn with a Transfer and emit these events beside it: a statement that the same transaction
-- makes by a Transfer, too, is no second movement; it is in quarantined_logs. Both write a row or its withdrawal. What is in doubt
-- belongs in no sum anyway and stays.
INSERT INTO transfers (
    chain_id, block_number, block_hash, block_timestamp, transaction_index, transaction_hash, kind, position,
    batch_index, from_address, to_address, token_address, token_id, amount, doubt, version, is_deleted
)
WITH
    topics[1] = unhex('e1fffcc4923d04b559f4d29a8bfc6cda04eb5b0d3c460751c2402c5c5cc9109c') AS is_deposit,
    topics[1] = unhex('7fcf532c15f0a6db0bd6d0e038bea71d30d808c7d98cb3bf7268a95bf5081b65') AS is_withdrawal,
    if(length(topics) = 2, substring(topics[2], 13), substring(data, 13, 20)) AS account,
    reinterpretAsUInt256(reverse(substring(data, -32))) AS units,
    empty({wrapped_natives:Array(String)})
        OR has({wrapped_natives:Array(String)}, concat('0x', lower(hex(address)))) AS is_believed,
    -- (block, transaction, token, account, amount, came from nobody)
    minted_or_burnt AS (
        SELECT
            block_number,
            transaction_index,
            address,
            if(topics[2] = unhex(repeat('00', 32)), substring(topics[3], 13), substring(topics[2], 13)),
            reinterpretAsUInt256(reverse(substring(data, -32))),
            topics[2] = unhex(repeat('00', 32))
        FROM logs
        WHERE chain_id = {chain_id:UInt64}
            AND block_number BETWEEN {from_block:UInt64} AND {to_block:UInt64}
            AND topics[1] = unhex('ddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef')
            AND length(topics) = 3
            AND length(data) = 32
            AND (topics[2] = unhex(repeat('00', 32)) OR topics[3] = unhex(repeat('00', 32)))
    )
SELECT
    chain_id,
    block_number,
    block_hash,
    block_timestamp,
    transaction_index,
    transaction_hash,
    'wrap',
    log_index,
    0,
    if(is_deposit, unhex(repeat('00', 20)), account),
    if(is_deposit, account, unhex(repeat('00', 20))),
    address,
    0,
    units,
    if(is_believed, '', 'unlisted_wrapper'),
    {version:UInt64},
    is_believed AND (block_number, transaction_index, address, account, units, is_deposit) IN (SELECT * FROM minted_or_burnt)
FROM logs
WHERE chain_id = {chain_id:UInt64}
    AND block_number BETWEEN {from_block:UInt64} AND {to_block:UInt64}
    AND (is_deposit OR is_withdrawal)
    AND startsWith(if(length(topics) = 2, substring(topics[2], 1, 32), data), unhex(repeat('00', 12)))
    AND ((length(topics) = 2 AND length(data) = 32) OR (length(topics) = 1 AND length(data) = 64))
