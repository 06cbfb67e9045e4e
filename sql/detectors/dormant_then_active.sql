-- Wallets that slept for long and then sent nearly all they held to addresses they had never paid before.
--
-- method: FATF (2020), red flag indicators, transaction patterns: accounts that become active after a long time
-- grain: address and role
--
-- Who sleeps is who signs nothing: what strangers send to it does not wake it. Native coins and tokens are judged apart. All to one
-- new address is a change of wallets, and does not count.
WITH
    payments AS
    (
        SELECT
            from_address AS address, token_address, to_address, asset, units, transaction_hash, toUnixTimestamp(block_timestamp) AS at,
            at - lagInFrame(at, 1, at) OVER life AS slept,
            min(at) OVER (PARTITION BY from_address, token_address, to_address) AS first_dealt_at
        FROM moves
        WHERE from_address NOT IN (SELECT address FROM infrastructure)
        WINDOW life AS (
            PARTITION BY from_address ORDER BY block_number, transaction_index, position ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        )
    ),
    wakings AS
    (
        SELECT address, max((slept, at)) AS longest, longest.1 AS sleep, longest.2 AS woke_at
        FROM payments
        GROUP BY address
        HAVING sleep >= {min_sleep_seconds:UInt64}
    ),
    held AS
    (
        SELECT
            w.address AS address, m.token_address AS token_address, sum(if(m.to_address = w.address, m.units, -m.units)) AS holding,
            sumIf(m.units, m.to_address = w.address) AS received
        FROM
        (
            SELECT arrayJoin([from_address, to_address]) AS party, * FROM moves
            WHERE from_address IN (SELECT address FROM wakings) OR to_address IN (SELECT address FROM wakings)
        ) AS m
        INNER JOIN wakings AS w ON w.address = m.party
        WHERE toUnixTimestamp(m.block_timestamp) < w.woke_at
        GROUP BY address, token_address
        HAVING holding >= {min_held:Float64} * received AND received > 0
    ),
    emptied AS
    (
        SELECT
            p.address AS address, p.token_address AS token_address, min(p.asset) AS what, any(w.sleep) AS slept_seconds, sum(p.units) AS sent,
            uniqExact(p.to_address) AS receivers, max(p.at) - any(w.woke_at) AS took_seconds,
            groupArray(30)(p.transaction_hash) AS evidence
        FROM payments AS p
        INNER JOIN wakings AS w ON w.address = p.address
        WHERE p.at BETWEEN w.woke_at AND w.woke_at + {window_seconds:UInt64} AND p.first_dealt_at >= w.woke_at
        GROUP BY address, token_address
        HAVING receivers >= {min_receivers:UInt64}
    )
SELECT
    e.address AS address,
    'actor' AS role,
    least(1, sent / holding) * (1 - {min_sleep_seconds:UInt64} / (slept_seconds + {min_sleep_seconds:UInt64})) AS strength,
    concat(
        'Signed nothing for ', toString(round(slept_seconds / 86400)), ' days, then sent ', toString(round(sent, 4)), ' ', what, ', ',
        toString(round(100 * least(1, sent / holding), 1)), ' % of what it held, to ', toString(receivers), ' addresses it had never paid, within ',
        toString(round(took_seconds / 3600, 1)), ' hours.'
    ) AS sentence,
    evidence
FROM emptied AS e
INNER JOIN held AS h ON h.address = e.address AND h.token_address = e.token_address
WHERE sent >= {min_share:Float64} * holding
