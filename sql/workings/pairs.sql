-- All that one address gave another of one token, as one row: a sum that is paid in parts is one.
--
-- builds: pairs
-- grain: one row per giver, receiver and token
CREATE OR REPLACE TEMPORARY TABLE pairs
ENGINE = MergeTree
ORDER BY (from_address, token_address)
AS
SELECT
    from_address, to_address, token_address, min(asset) AS what, sum(units) AS total, toUInt32(count()) AS transfers,
    toUnixTimestamp(min(block_timestamp)) AS since, toUnixTimestamp(max(block_timestamp)) AS until, groupArray(4)(transaction_hash) AS hashes
FROM moves
GROUP BY from_address, to_address, token_address
