-- Every token movement of the first life_seconds of each address, seen from both ends.
--
-- builds: feature_tokens
-- grain: address, side, token transfer
--
-- Items of a batch share a position and both sides of a transfer to oneself do: batch_index and is_out put them in order.
INSERT INTO feature_tokens
WITH token_moves AS
(
    SELECT
        from_address, to_address, token_address, kind, toUnixTimestamp(block_timestamp) AS moved_at, block_number,
        toUInt64(transaction_index) * 4294967296 + position AS place, batch_index, toFloat64(amount) AS amount,
        if(amount = 0, 0, length(trim(TRAILING '0' FROM toString(amount)))) AS digits
    FROM transfers
    WHERE chain_id = {chain_id:UInt64} AND block_number <= {to_block:UInt64}
        AND kind IN ('erc20', 'erc721', 'erc1155', 'wrap')
)
SELECT
    address, counterparty, is_out, token_address, kind, moved_at, block_number, amount, digits,
    toFloat64(moved_at) - toFloat64(first_at) AS age,
    if(row_number() OVER moves = 1, NULL, moved_at - lagInFrame(moved_at) OVER moves) AS gap,
    if(row_number() OVER sides = 1, NULL, moved_at - lagInFrame(moved_at) OVER sides) AS side_gap,
    if(is_out = 1, moved_at - nullIf(maxIf(moved_at, is_out = 0) OVER before, 0), NULL) AS since_in,
    if(row_number() OVER held = 1, 1, 0) AS is_first_of_token,
    (address, block_number) IN (SELECT address, block_number FROM feature_native WHERE is_out = 1) AS is_own_act
FROM
(
    SELECT sides.*, lives.first_at AS first_at
    FROM
    (
        SELECT
            if(is_out = 1, from_address, to_address) AS address,
            if(is_out = 1, to_address, from_address) AS counterparty, is_out, token_moves.*
        FROM token_moves
        ARRAY JOIN [0, 1] AS is_out
        WHERE if(is_out = 1, from_address, to_address) != toFixedString('', 20)
            AND ({of_everybody:UInt8} = 1 OR if(is_out = 1, from_address, to_address) IN (SELECT address FROM feature_scope))
    ) AS sides
    INNER JOIN feature_lives AS lives USING (address)
    WHERE moved_at - first_at <= {life_seconds:UInt32}
)
WINDOW
    moves AS (PARTITION BY address ORDER BY block_number, place, batch_index, is_out ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING),
    sides AS (PARTITION BY address, is_out ORDER BY block_number, place, batch_index ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING),
    held AS (PARTITION BY address, token_address ORDER BY block_number, place, batch_index, is_out ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING),
    before AS (PARTITION BY address ORDER BY block_number, place, batch_index, is_out ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
