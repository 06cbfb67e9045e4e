-- Add up all transfers of an ordered pair of addresses, fees apart, up to a block.
--
-- builds: address_edges
-- grain: one row per ordered pair of addresses
-- scope: history
--
-- All transfers, not only the new ones, are added up: a pair's row is replaced whole, so a repeat changes no figure, and a
-- pair whose transfers are gone (a block was withdrawn) is withdrawn too. Mint, burn, wrap, unwrap and withdrawal have the
-- zero address on one side; they are no edges, because everybody who ever held a token would be tied together through it.
-- An address that pays itself has an edge to itself.
--
-- What it costs: every run reads all transfers and joins every pair to both numbers, however few blocks are new: 6 s for 4 million
-- on one busy core, and it grows with the store. address_daily_edges has the same by day, at the cost of the new days alone.
INSERT INTO address_edges
    (chain_id, from_id, to_id, transfer_count, native_amount, token_transfer_count, token_count, first_block, last_block,
     first_timestamp, last_timestamp, as_of_block, version, is_deleted)
WITH
    numbered AS (SELECT address, address_id FROM addresses WHERE chain_id = {chain_id:UInt64}),
    moved AS (
        SELECT *, kind NOT IN ('native', 'internal', 'withdrawal') AS is_token
        FROM transfers
        WHERE chain_id = {chain_id:UInt64} AND block_number <= {to_block:UInt64} AND kind != 'fee'
            AND from_address != toFixedString('', 20) AND to_address != toFixedString('', 20)
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
    ),
    current AS (
        SELECT givers.address_id AS from_id, receivers.address_id AS to_id, pairs.*
        FROM pairs
        INNER JOIN numbered AS givers ON givers.address = pairs.from_address
        INNER JOIN numbered AS receivers ON receivers.address = pairs.to_address
    ),
    gone AS (
        SELECT from_id, to_id
        FROM address_edges
        WHERE chain_id = {chain_id:UInt64} AND (from_id, to_id) NOT IN (SELECT from_id, to_id FROM current)
    )
SELECT
    {chain_id:UInt64}, from_id, to_id, transfer_count, native_amount, token_transfer_count, token_count, first_block,
    last_block, first_timestamp, last_timestamp, {to_block:UInt64}, {version:UInt64}, 0
FROM current
UNION ALL
SELECT {chain_id:UInt64}, from_id, to_id, 0, 0, 0, 0, 0, 0, toDateTime(0, 'UTC'), toDateTime(0, 'UTC'), {to_block:UInt64}, {version:UInt64}, 1
FROM gone
