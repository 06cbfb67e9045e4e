-- The moves of the first life_seconds of each address, each with what came before it.
--
-- builds: feature_native
-- grain: address, side, transaction or native movement
INSERT INTO feature_native
SELECT
    address, counterparty, is_out, moved_at, block_number, amount, digits, success, selector, input_length,
    is_transaction,
    toFloat64(moved_at - first_at) AS age,
    if(row_number() OVER moves = 1, NULL, moved_at - lagInFrame(moved_at) OVER moves) AS gap,
    if(row_number() OVER sides = 1, NULL, moved_at - lagInFrame(moved_at) OVER sides) AS side_gap,
    if(row_number() OVER pairs = 1, 1, 0) AS is_new_counterparty,
    if(amount > 0 AND row_number() OVER pairs > 1, amount = lagInFrame(amount) OVER pairs, 0) AS is_repeat,
    -- No inflow yet: NULL, never the bare clock.
    if(is_out = 1, moved_at - nullIf(maxIf(moved_at, is_out = 0 AND amount > 0) OVER before, 0), NULL) AS since_in,
    anyLastIf(amount, is_out = 0 AND amount > 0) OVER before AS last_in,
    if(row_number() OVER moves = 1, NULL, is_out != lagInFrame(is_out) OVER moves) AS is_turn,
    row_number() OVER moves AS rank,
    sum(if(is_out = 1, -amount, amount)) OVER upto AS balance
FROM
(
    SELECT moves.*, lives.first_at AS first_at
    FROM feature_moves AS moves
    INNER JOIN feature_lives AS lives USING (address)
    WHERE moved_at - first_at <= {life_seconds:UInt32}
)
WINDOW
    moves AS (PARTITION BY address ORDER BY block_number, place ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING),
    sides AS (PARTITION BY address, is_out ORDER BY block_number, place ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING),
    pairs AS (PARTITION BY address, counterparty, is_out ORDER BY block_number, place ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING),
    before AS (PARTITION BY address ORDER BY block_number, place ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING),
    upto AS (PARTITION BY address ORDER BY block_number, place ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
