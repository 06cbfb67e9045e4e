-- What addresses that pay an exchange's wallet got and then sent: turn by turn, whether it was the same money, and soon.
--
-- builds: exchange_turns
-- grain: one row per address, token and turn; a turn is what came, in however many parts, and what then left before more came
--
-- Coins that come from an exchange's wallet are for fees and no deposits. A turn is a forward when what left is nearly what had come
-- within the `deposit_seconds` before; what had come earlier and stayed says nothing.
CREATE OR REPLACE TEMPORARY TABLE exchange_turns
ENGINE = MergeTree
ORDER BY (address, token_address, turn)
AS
WITH
    wallets AS (SELECT address FROM known_parties WHERE category IN ('exchange', 'hot_wallet')),
    senders AS
    (
        SELECT DISTINCT from_address AS address
        FROM moves
        WHERE to_address IN (SELECT address FROM wallets)
            AND from_address NOT IN (SELECT address FROM known_parties WHERE is_service AND category != 'deposit')
            AND from_address NOT IN (SELECT address FROM infrastructure WHERE is_hub)
    ),
    events AS
    (
        SELECT
            to_address AS address, token_address, asset, units, block_number, transaction_index, position,
            toUInt64(toUnixTimestamp(block_timestamp)) AS at, transaction_hash, 1 AS is_receipt
        FROM moves
        WHERE to_address IN (SELECT address FROM senders) AND from_address NOT IN (SELECT address FROM wallets)

        UNION ALL

        SELECT
            from_address, token_address, asset, units, block_number, transaction_index, position,
            toUInt64(toUnixTimestamp(block_timestamp)), transaction_hash, 0
        FROM moves
        WHERE from_address IN (SELECT address FROM senders)
    ),
    fees AS
    (
        SELECT to_address AS address, toUInt64(toUnixTimestamp(block_timestamp)) AS fee_at, sum(units) AS fee_units
        FROM moves
        WHERE to_address IN (SELECT address FROM senders) AND from_address IN (SELECT address FROM wallets)
            AND token_address = unhex(repeat('00', 20))
        GROUP BY address, fee_at
    ),
    signed AS
    (
        SELECT block_number, transaction_index
        FROM transactions
        WHERE chain_id = {chain_id:UInt64} AND block_number <= {as_of_block:UInt64} AND from_address IN (SELECT address FROM wallets)
    ),
    turning AS
    (
        SELECT *, is_receipt AND lagInFrame(is_receipt, 1, 1) OVER (
            PARTITION BY address, token_address ORDER BY block_number, transaction_index, is_receipt DESC, position
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) = 0 AS is_new
        FROM events
    ),
    numbered AS
    (
        SELECT *, sum(is_new) OVER (
            PARTITION BY address, token_address ORDER BY block_number, transaction_index, is_receipt DESC, position
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS turn
        FROM turning
    ),
    turns AS
    (
        SELECT
            address, token_address, turn, min(asset) AS what, maxIf(at, NOT is_receipt) AS sent_at, sumIf(units, NOT is_receipt) AS sent,
            sumIf(units, is_receipt) AS received, countIf(is_receipt) AS receipts,
            arraySum(arrayMap(
                receipt -> if(receipt.1 + {deposit_seconds:UInt64} >= sent_at, receipt.2, 0.), groupArrayIf((at, units), is_receipt)
            )) AS received_lately,
            max(NOT is_receipt AND (block_number, transaction_index) IN (SELECT block_number, transaction_index FROM signed)) AS is_signed,
            groupArrayIf(10)(transaction_hash, NOT is_receipt) AS evidence
        FROM numbered
        GROUP BY address, token_address, turn
    )
SELECT
    t.address AS address, token_address, turn, what, sent, received, receipts,
    sent > 0 AND sent >= {deposit_share:Float64} * received_lately
        AND sent <= (2 - {deposit_share:Float64}) * received_lately + if(token_address = unhex(repeat('00', 20)), paid.fee_units, 0) AS is_forward,
    -- The exchange signs itself, or sent coins for the fee of a token's transfer just before.
    is_forward AND (is_signed OR (token_address != unhex(repeat('00', 20)) AND last.fee_at + {deposit_seconds:UInt64} >= sent_at)) AS is_paid_for,
    evidence
FROM turns AS t
LEFT JOIN (SELECT address, sum(fee_units) AS fee_units FROM fees GROUP BY address) AS paid ON paid.address = t.address
-- The last fee before it left; there is none where fee_at is 0.
LEFT ASOF JOIN fees AS last ON last.address = t.address AND last.fee_at <= t.sent_at
