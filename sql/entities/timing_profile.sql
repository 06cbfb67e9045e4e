-- Wallets that are awake at the same hours, in the same weeks: a quasi-identifier, never enough alone.
--
-- method: Béres et al. (2021), Blockchain is watching you: hours of the day; Hernández and Stolfo (1995), sorted neighbourhood
-- grain: pair of wallets
--
-- Not every wallet is compared with every other: only those whose busiest or newest 30 days are the same, put round the clock in the
-- order of their mean hour, each with the next `neighbours`, the last with the first; of these the `most_partners` most alike stay.
-- Alike is the correlation of two histograms of the hours (UTC) at which they signed, an hour blurred into the hours beside it.
WITH
    signed AS
    (
        SELECT from_address AS wallet, toHour(block_timestamp) AS hour, intDiv(toUInt32(block_timestamp), 30 * 86400) AS month, toDate(block_timestamp) AS day
        FROM transactions
        WHERE chain_id = {chain_id:UInt64} AND block_number <= {as_of_block:UInt64} AND success != 2
            AND from_address NOT IN (SELECT address FROM entity_carriers)
    ),
    lives AS
    (
        SELECT
            wallet, count() AS total, sumForEach(arrayMap(h -> toFloat64(h = hour), range(24))) AS counts,
            arrayDistinct([topK(1)(month)[1], max(month)]) AS months,
            atan2(sum(sin(hour * pi() / 12)), sum(cos(hour * pi() / 12))) AS mean_hour
        FROM signed
        GROUP BY wallet
        HAVING total >= {min_transactions:UInt64} AND uniqExact(day) >= {min_days:UInt64}
    ),
    profiles AS
    (
        SELECT
            wallet, total, mean_hour, months,
            arrayMap(h -> counts[h + 1] / 2 + counts[(h + 1) % 24 + 1] / 4 + counts[(h + 23) % 24 + 1] / 4 - total / 24, range(24)) AS blurred,
            sqrt(arraySum(c -> c * c, blurred)) AS size
        FROM lives
    ),
    ranked AS
    (
        SELECT
            wallet, total, blurred, size, arrayJoin(months) AS month,
            row_number() OVER (PARTITION BY month ORDER BY mean_hour, wallet) AS place, count() OVER (PARTITION BY month) AS places
        FROM profiles
        WHERE size > 0
    ),
    ring AS
    (
        SELECT wallet, total, blurred, size, month, place FROM ranked

        UNION ALL

        SELECT wallet, total, blurred, size, month, place + places FROM ranked WHERE place <= {neighbours:UInt64}
    ),
    compared AS
    (
        SELECT DISTINCT
            least(one.wallet, other.wallet) AS left_address, greatest(one.wallet, other.wallet) AS right_address, least(one.total, other.total) AS fewer,
            arraySum((a, b) -> a * b, one.blurred, other.blurred) / (one.size * other.size) AS alike
        FROM (SELECT *, place + arrayJoin(range(1, {neighbours:UInt64} + 1)) AS meets FROM ranked) AS one
        INNER JOIN ring AS other ON other.month = one.month AND other.place = one.meets
        WHERE alike >= {min_alike:Float64} AND one.wallet != other.wallet
    )
SELECT
    left_address, right_address, toFixedString('', 20) AS via_address, alike AS strength,
    concat(
        'They sign at the same hours of the day, in the same weeks: ', toString(round(100 * alike)), ' % alike over ', toString(fewer),
        ' transactions or more.'
    ) AS sentence,
    CAST([], 'Array(FixedString(32))') AS evidence
FROM
(
    SELECT *, row_number() OVER (PARTITION BY left_address ORDER BY alike DESC, right_address) AS left_rank,
        row_number() OVER (PARTITION BY right_address ORDER BY alike DESC, left_address) AS right_rank
    FROM compared
)
WHERE greatest(left_rank, right_rank) <= {most_partners:UInt64}
