-- Many payments kept just below a reporting threshold, to one beneficiary within a short time.
--
-- method: FATF (2020), red flag indicators, size and frequency of transactions; 31 CFR 1010.314
-- grain: address and role
WITH
    payments AS
    (
        SELECT
            to_address, from_address, asset, units, transaction_hash, toUnixTimestamp(block_timestamp) AS at,
            arrayJoin(if(token_address = unhex(repeat('00', 20)), {native_thresholds:Array(Float64)}, {stable_thresholds:Array(Float64)})) AS threshold
        FROM settled
        WHERE to_address NOT IN (SELECT address FROM infrastructure)
            AND from_address NOT IN (SELECT address FROM infrastructure)
            AND (token_address = unhex(repeat('00', 20)) OR is_stable)
            -- Small change beside the payments says nothing.
            AND units >= 0.1 * threshold
    ),
    counted AS
    (
        SELECT
            *,
            units < threshold AND units >= {band:Float64} * threshold AS just_below,
            sum(just_below) OVER recent AS below_in_window,
            sum(units >= threshold) OVER recent AS above_in_window,
            count() OVER recent AS all_in_window,
            sum(if(just_below, units, 0)) OVER recent AS units_in_window
        FROM payments
        WINDOW recent AS (PARTITION BY to_address, asset, threshold ORDER BY at RANGE BETWEEN {window_seconds:UInt64} PRECEDING AND CURRENT ROW)
    ),
    found AS
    (
        SELECT
            to_address, asset, threshold, max(below_in_window) AS payments_below,
            argMax(units_in_window, (below_in_window, at)) AS total, argMax(below_in_window / all_in_window, (below_in_window, at)) AS share,
            -- From the beginning of the first such window to the end of the last.
            minIf(at, qualifies) - {window_seconds:UInt64} AS since, maxIf(at, qualifies) AS until
        FROM
        (
            SELECT
                *,
                below_in_window >= {min_payments:UInt64} AND above_in_window = 0
                    AND below_in_window >= {min_share:Float64} * all_in_window AS qualifies
            FROM counted
        )
        GROUP BY to_address, asset, threshold
        HAVING payments_below >= {min_payments:UInt64} AND share >= {min_share:Float64}
            AND argMax(above_in_window, (below_in_window, at)) = 0
    ),
    best AS
    (
        SELECT * FROM found ORDER BY payments_below DESC, threshold DESC LIMIT 1 BY to_address, asset
    ),
    shown AS
    (
        SELECT
            best.to_address AS beneficiary, best.asset AS asset, best.threshold AS threshold, best.payments_below AS payments_below,
            best.total AS total, best.share AS share,
            groupUniqArray(from_address) AS payers, groupUniqArray(30)(transaction_hash) AS evidence
        FROM best
        INNER JOIN counted ON counted.to_address = best.to_address AND counted.asset = best.asset AND counted.threshold = best.threshold
        WHERE counted.just_below AND counted.at BETWEEN best.since AND best.until
        GROUP BY beneficiary, asset, threshold, payments_below, total, share
    )
SELECT
    part.1 AS address,
    part.2 AS role,
    share * (1 - 1 / payments_below) AS strength,
    concat(
        if(role = 'actor', 'Paid to 0x', 'Received as 0x'), lower(hex(beneficiary)), ': ', toString(payments_below), ' payments of ',
        toString(round({band:Float64} * threshold, 2)), ' to just under ', toString(threshold), ' ', asset, ', ',
        toString(round(total, 2)), ' in all within ', toString(intDiv({window_seconds:UInt64}, 3600)), ' hours; such payments came from ',
        toString(length(payers)), ' payers.'
    ) AS sentence,
    evidence
FROM shown
ARRAY JOIN arrayConcat([(beneficiary, 'collector')], arrayMap(a -> (a, 'actor'), payers)) AS part
