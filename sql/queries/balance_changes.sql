-- What transfers of a range of blocks did to the balances of some (account, token), as sums of four 64-bit pieces a direction.
--
-- Sums of UInt256 wrap silently; pieces of 64 bits in 128-bit sums cannot, whatever the amounts. Whoever asks puts them together.
-- Fees leave the payer, and their tip reaches the miner; what is burnt reaches nobody, and withdrawals and mints leave nobody.
-- A block's reward, before the merge, is a trace.
SELECT
    account,
    token,
    gains,
    toString(sum(toUInt128(bitAnd(amount, toUInt256(18446744073709551615))))) AS piece_0,
    toString(sum(toUInt128(bitAnd(bitShiftRight(amount, 64), toUInt256(18446744073709551615))))) AS piece_1,
    toString(sum(toUInt128(bitAnd(bitShiftRight(amount, 128), toUInt256(18446744073709551615))))) AS piece_2,
    toString(sum(toUInt128(bitShiftRight(amount, 192)))) AS piece_3
FROM (
    SELECT side.1 AS account, token_address AS token, side.2 AS gains, amount
    FROM transfers
    ARRAY JOIN [(from_address, toUInt8(0)), (to_address, toUInt8(1))] AS side
    WHERE chain_id = {chain_id:UInt64}
        AND block_number BETWEEN {from_block:UInt64} AND {to_block:UInt64}
        AND kind IN ('native', 'internal', 'withdrawal', 'fee', 'erc20', 'wrap')
        AND doubt != 'unlisted_wrapper'
        AND hex(account) IN (SELECT arrayJoin({accounts:Array(String)}))
        AND hex(token) IN (SELECT arrayJoin({tokens:Array(String)}))
    UNION ALL
    SELECT assumeNotNull(to_address) AS account, toFixedString('', 20) AS token, 1 AS gains, value AS amount
    FROM traces
    WHERE chain_id = {chain_id:UInt64}
        AND block_number BETWEEN {from_block:UInt64} AND {to_block:UInt64}
        AND trace_type = 'reward'
        AND hex(assumeNotNull(to_address)) IN (SELECT arrayJoin({accounts:Array(String)}))
)
GROUP BY account, token, gains
ORDER BY account, token, gains
