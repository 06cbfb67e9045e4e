-- Addresses that pass nearly all they receive to one hot wallet of a labelled exchange: deposit addresses of its customers.
--
-- method: Victor (2020), Address clustering heuristics for Ethereum, deposit address reuse
-- grain: address and role
WITH
    hot_wallets AS (SELECT address FROM known_parties WHERE category IN ('exchange', 'hot_wallet')),
    sent AS
    (
        SELECT from_address AS address, token_address, sum(units) AS total
        FROM settled
        WHERE from_address IN (SELECT from_address FROM settled WHERE to_address IN (SELECT address FROM hot_wallets))
        GROUP BY address, token_address
    ),
    received AS
    (
        -- Coins for gas come from the exchange itself and are no deposits.
        SELECT to_address AS address, token_address, sum(units) AS total, count() AS deposits
        FROM settled
        WHERE from_address NOT IN (SELECT address FROM hot_wallets)
        GROUP BY address, token_address
    ),
    forwarded AS
    (
        SELECT
            from_address AS address, token_address, to_address AS hot_wallet, min(asset) AS asset,
            sum(units) AS total, count() AS forwards, groupArray(30)(transaction_hash) AS evidence
        FROM settled
        WHERE to_address IN (SELECT address FROM hot_wallets) AND from_address NOT IN (SELECT address FROM infrastructure)
        GROUP BY address, token_address, hot_wallet
    )
SELECT
    forwarded.address AS address,
    'deposit' AS role,
    least(1, forwarded.total / received.total) AS strength,
    concat(
        'Forwarded ', toString(round(100 * forwarded.total / received.total, 1)), ' % of ',
        toString(round(received.total, 4)), ' ', forwarded.asset, ' from ', toString(received.deposits),
        ' deposits to the exchange wallet 0x', lower(hex(forwarded.hot_wallet)), ' in ', toString(forwarded.forwards), ' transfers.'
    ) AS sentence,
    forwarded.evidence AS evidence
FROM forwarded
INNER JOIN sent ON sent.address = forwarded.address AND sent.token_address = forwarded.token_address
INNER JOIN received ON received.address = forwarded.address AND received.token_address = forwarded.token_address
WHERE forwarded.forwards >= {min_forwards:UInt64}
    AND forwarded.total >= {min_share:Float64} * received.total
    AND forwarded.total >= {min_share:Float64} * sent.total
    AND forwarded.total <= received.total * 1.000001
