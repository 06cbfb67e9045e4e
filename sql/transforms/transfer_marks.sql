-- Mark the transfers of a range of blocks that say little: bait in somebody's name, nothing moved, doubtful, dust.
--
-- builds: transfer_marks
-- grain: chain_id, transfer
-- scope: block
--
-- The signer is asked for empty ERC-20 transfers only: anybody may move nothing from anybody by transferFrom, and such transfers
-- plant look-alikes in histories (Tsuchiya et al. 2025, Blockchain address poisoning). Dust has a bound only where a unit's
-- worth is known by what the token is; a token without known decimals has none.
INSERT INTO transfer_marks (
    chain_id, block_number, block_timestamp, transaction_index, kind, position, batch_index, mark, version
)
WITH
    signers AS (
        SELECT block_number, transaction_index, from_address AS signer
        FROM transactions
        WHERE chain_id = {chain_id:UInt64}
            AND block_number BETWEEN {from_block:UInt64} AND {to_block:UInt64}
            AND (block_number, transaction_index) IN (
                SELECT block_number, transaction_index
                FROM transfers
                WHERE chain_id = {chain_id:UInt64}
                    AND block_number BETWEEN {from_block:UInt64} AND {to_block:UInt64}
                    AND kind = 'erc20' AND amount = 0
            )
    ),
    -- From this amount on a transfer is no dust.
    bounds AS (
        SELECT toFixedString('', 20) AS token, toUInt256(10000000000000) AS bound
        UNION ALL
        SELECT toFixedString(unhex(substring(arrayJoin({wrapped_natives:Array(String)}), 3)), 20), toUInt256(10000000000000)
        UNION ALL
        SELECT token_address, toUInt256(exp10(greatest(assumeNotNull(decimals), 2) - 2))
        FROM tokens
        WHERE chain_id = {chain_id:UInt64} AND decimals <= 30
            AND has({stablecoins:Array(String)}, concat('0x', lower(hex(token_address))))
    )
SELECT {chain_id:UInt64}, block_number, block_timestamp, transaction_index, kind, position, batch_index, reason, {version:UInt64}
FROM (
    SELECT
        t.block_number AS block_number, block_timestamp, t.transaction_index AS transaction_index, kind, position, batch_index,
        multiIf(
            kind = 'erc20' AND amount = 0 AND signer != toFixedString('', 20) AND signer != from_address, 'poisoning',
            amount = 0, 'empty',
            is_left_out, 'doubtful',
            kind NOT IN ('erc721', 'erc1155') AND amount < bound, 'dust',
            ''
        ) AS reason
    FROM transfers AS t
    LEFT JOIN signers ON signers.block_number = t.block_number AND signers.transaction_index = t.transaction_index
    LEFT JOIN bounds ON bounds.token = t.token_address
    WHERE t.chain_id = {chain_id:UInt64}
        AND t.block_number BETWEEN {from_block:UInt64} AND {to_block:UInt64}
        AND kind != 'fee'
)
WHERE reason != ''
