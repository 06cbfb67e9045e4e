-- How many addresses act, by day.
--
-- question: How many addresses signed a transaction each day, how many of them for the first time in the store, and
--   how many addresses gave or received value?
-- tags: network, behaviour
-- column day: Day, UTC
-- column signers: Addresses that signed a transaction
-- column new_signers: Those that had signed none before
-- column moving: Addresses that gave or received value, fees apart
-- column transactions: Transactions
-- chart: day, signers
-- example: chainsight query run daily_active_addresses --plot active.svg
SELECT
    signed.day AS day,
    signed.signers AS signers,
    signed.new_signers AS new_signers,
    moved.moving AS moving,
    signed.transactions AS transactions
FROM (
    SELECT day, count() AS signers, countIf(day = first_day) AS new_signers, sum(signed_count) AS transactions
    FROM (
        SELECT from_address, toDate(block_timestamp) AS day, count() AS signed_count, min(day) OVER (PARTITION BY from_address) AS first_day
        FROM transactions
        WHERE chain_id = {chain_id:UInt64} AND block_number BETWEEN {from_block:UInt64} AND {to_block:UInt64}
        GROUP BY from_address, day
    )
    GROUP BY day
) AS signed
LEFT JOIN (
    SELECT toDate(block_timestamp) AS day, uniqExact(arrayJoin([from_address, to_address])) AS moving
    FROM transfers
    WHERE chain_id = {chain_id:UInt64} AND block_number BETWEEN {from_block:UInt64} AND {to_block:UInt64} AND kind != 'fee'
    GROUP BY day
) AS moved ON moved.day = signed.day
ORDER BY day
