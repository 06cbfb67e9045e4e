-- Add up what each block did to each balance, signed, by address and token.
--
-- builds: balance_changes
-- grain: chain_id, address, token, block
-- scope: block
--
-- Fees leave the payer and their tip reaches the miner; what is burnt reaches nobody. Withdrawals of validators and mints leave
-- nobody: the zero address has no balance here. Block rewards, before the merge, are traces. Left out, and counted: amounts from
-- 2^224 up, which sums could not hold, and transfers in doubt about what they moved. Every amount that is added is below 2^224, so
-- a signed sum of 256 bits cannot wrap.
INSERT INTO balance_changes (
    chain_id, address, token_address, standard, token_id, block_number, block_timestamp, delta, change_count, left_out_count, version
)
SELECT
    {chain_id:UInt64},
    holder,
    token_address,
    standard,
    token_id,
    block_number,
    any(block_timestamp),
    sumIf(if(gains, toInt256(amount), -toInt256(amount)), NOT left_out),
    countIf(NOT left_out),
    countIf(left_out),
    {version:UInt64}
FROM (
    SELECT
        block_number,
        block_timestamp,
        side.1 AS holder,
        side.2 AS gains,
        token_address,
        multiIf(kind IN ('native', 'internal', 'withdrawal', 'fee'), 'native', kind = 'wrap', 'erc20', CAST(kind AS String)) AS standard,
        token_id,
        amount,
        is_left_out AS left_out
    FROM transfers
    ARRAY JOIN [(from_address, 0), (to_address, 1)] AS side
    WHERE chain_id = {chain_id:UInt64}
        AND block_number BETWEEN {from_block:UInt64} AND {to_block:UInt64}
        AND side.1 != toFixedString('', 20)
    UNION ALL
    SELECT
        block_number,
        block_timestamp,
        assumeNotNull(to_address),
        1,
        toFixedString('', 20),
        'native',
        0,
        value,
        value >= bitShiftLeft(toUInt256(1), 224)
    FROM traces
    WHERE chain_id = {chain_id:UInt64}
        AND block_number BETWEEN {from_block:UInt64} AND {to_block:UInt64}
        AND trace_type = 'reward'
        AND to_address IS NOT NULL
        AND assumeNotNull(to_address) != toFixedString('', 20)
)
GROUP BY holder, token_address, standard, token_id, block_number
