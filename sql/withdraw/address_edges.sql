-- Add up anew the edges of dirty pairs from the transfers that are left; a pair without any is withdrawn.
--
-- The same sums as in transforms/address_edges.sql, for a few pairs only: those that knew a withdrawn block.
INSERT INTO address_edges
    (chain_id, from_id, to_id, transfer_count, native_amount, token_transfer_count, token_count, first_block, last_block,
     first_timestamp, last_timestamp, as_of_block, version, is_deleted)
WITH
    numbered AS (SELECT address, address_id FROM addresses WHERE chain_id = {chain_id:UInt64}),
    dirty AS (
        SELECT
            toFixedString(substring(key, 1, 20), 20) AS giver,
            toFixedString(substring(key, 21, 20), 20) AS receiver,
            min(since_block) AS since_block
        FROM dirty_keys
        WHERE chain_id = {chain_id:UInt64} AND kind = 'pair'
        GROUP BY key
    ),
    stale AS (
        SELECT e.from_id AS from_id, e.to_id AS to_id, e.version AS version, d.giver AS giver, d.receiver AS receiver
        FROM dirty AS d
        INNER JOIN numbered AS g ON g.address = d.giver
        INNER JOIN numbered AS r ON r.address = d.receiver
        INNER JOIN (SELECT * FROM address_edges WHERE chain_id = {chain_id:UInt64}) AS e
            ON e.from_id = g.address_id AND e.to_id = r.address_id
        WHERE e.as_of_block >= d.since_block
    ),
    moved AS (
        SELECT *, kind NOT IN ('native', 'internal', 'withdrawal') AS is_token
        FROM transfers
        WHERE chain_id = {chain_id:UInt64} AND block_number <= {to_block:UInt64} AND kind != 'fee'
            AND (from_address, to_address) IN (SELECT giver, receiver FROM stale)
    ),
    pairs AS (
        SELECT
            from_address, to_address,
            count() AS transfer_count,
            sumIf(amount, NOT is_token) AS native_amount,
            countIf(is_token) AS token_transfer_count,
            uniqExactIf(token_address, is_token) AS token_count,
            min(block_number) AS first_block,
            max(block_number) AS last_block,
            min(block_timestamp) AS first_timestamp,
            max(block_timestamp) AS last_timestamp
        FROM moved
        GROUP BY from_address, to_address
    )
SELECT
    {chain_id:UInt64}, s.from_id, s.to_id, p.transfer_count, p.native_amount, p.token_transfer_count, p.token_count,
    p.first_block, p.last_block, p.first_timestamp, p.last_timestamp, {to_block:UInt64}, s.version + 1,
    p.transfer_count = 0
FROM stale AS s
LEFT JOIN pairs AS p ON p.from_address = s.giver AND p.to_address = s.receiver
