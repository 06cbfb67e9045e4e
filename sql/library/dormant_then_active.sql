-- Addresses that woke up after a long sleep.
--
-- question: Which addresses signed nothing for at least so many days and then acted again, when, and how long had
--   they slept?
-- tags: behaviour, risk
-- param days: Least length of the sleep. [default 14]
-- column wallet: Address
-- column slept_days [days]: Length of its longest sleep
-- column fell_asleep_at: Its last transaction before
-- column woke_at: Its first transaction after
-- column transactions_before: Transactions before the sleep
-- column transactions_after: Transactions after it
-- chart: woke_at, slept_days
-- example: chainsight query run dormant_then_active --param days=20
SELECT
    concat('0x', lower(hex(sleeper))) AS wallet,
    round(longest.1 / 86400, 2) AS slept_days,
    longest.2 AS fell_asleep_at,
    longest.3 AS woke_at,
    longest.4 AS transactions_before,
    signed_count - longest.4 AS transactions_after
FROM (
    SELECT from_address AS sleeper, argMax((gap, before_at, at, place), gap) AS longest, max(place) + 1 AS signed_count
    FROM (
        SELECT
            from_address,
            block_timestamp AS at,
            lagInFrame(block_timestamp) OVER byTime AS before_at,
            row_number() OVER byTime - 1 AS place,
            if(place = 0, 0, toInt64(toUnixTimestamp(at)) - toInt64(toUnixTimestamp(before_at))) AS gap
        FROM transactions
        WHERE chain_id = {chain_id:UInt64} AND block_number BETWEEN {from_block:UInt64} AND {to_block:UInt64}
        WINDOW byTime AS (
            PARTITION BY from_address ORDER BY block_number, transaction_index ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        )
    )
    GROUP BY sleeper
)
WHERE longest.1 >= {days:Float64} * 86400
ORDER BY longest.1 DESC, wallet
LIMIT {most:UInt64}
