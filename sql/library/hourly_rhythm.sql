-- At which hours an address acts.
--
-- question: At which hours of the day (UTC) does this address sign transactions? People sleep, machines do not, and
--   the gap hints at a time zone.
-- tags: wallet, behaviour
-- param address: Whose rhythm.
-- column hour: Hour of the day, UTC, 0 to 23; hours without a transaction are there with 0
-- column transactions: Transactions signed in it
-- column share: Part of all its transactions, 0 to 1
-- column active_days: Days with one
-- chart: hour, transactions
-- example: chainsight query run hourly_rhythm --param address=0x93d8ab708cae43a30bedcf892a0c387bdf8a0af5
SELECT
    every.number AS hour,
    countIf(signed.is_there) AS transactions,
    transactions / greatest(sum(transactions) OVER (), 1) AS share,
    uniqExactIf(signed.day, signed.is_there) AS active_days
FROM numbers(24) AS every
LEFT JOIN (
    SELECT toHour(block_timestamp) AS hour, toDate(block_timestamp) AS day, 1 AS is_there
    FROM transactions
    WHERE chain_id = {chain_id:UInt64}
        AND block_number BETWEEN {from_block:UInt64} AND {to_block:UInt64}
        AND from_address = unhex(substring({address:String}, 3))
) AS signed ON signed.hour = every.number
GROUP BY hour
ORDER BY hour
