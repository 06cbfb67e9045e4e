-- Payments of one address to another that follow each other closely, as one: a sum that is sent in parts stays one sum.
--
-- builds: legs
-- grain: one row per giver, receiver, token and run of payments with gaps of at most {leg_gap_seconds}
CREATE OR REPLACE TEMPORARY TABLE legs
ENGINE = MergeTree
ORDER BY (from_address, token_address, since)
AS
WITH
    gaps AS
    (
        SELECT
            from_address, to_address, token_address, asset, units, transaction_hash, block_number, transaction_index, position,
            toUnixTimestamp(block_timestamp) AS at,
            at - lagInFrame(at, 1, at) OVER pair > {leg_gap_seconds:UInt64} AS is_new
        FROM moves
        WHERE from_address NOT IN (SELECT address FROM infrastructure) AND to_address NOT IN (SELECT address FROM infrastructure)
        WINDOW pair AS (
            PARTITION BY from_address, to_address, token_address ORDER BY block_number, transaction_index, position
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        )
    ),
    numbered AS
    (
        SELECT *, sum(is_new) OVER (
            PARTITION BY from_address, to_address, token_address ORDER BY block_number, transaction_index, position
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS run
        FROM gaps
    )
SELECT
    from_address, to_address, token_address, min(asset) AS what, sum(units) AS total, toUInt32(count()) AS payments,
    min(at) AS since, max(at) AS until, arraySort(groupArray(5)(transaction_hash)) AS evidence
FROM numbered
GROUP BY from_address, to_address, token_address, run
