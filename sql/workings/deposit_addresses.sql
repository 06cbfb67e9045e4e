-- Addresses that an exchange gave to its customers: what they get they hand on soon, as it came, to that exchange's own wallet.
--
-- builds: deposit_addresses
-- grain: one row per deposit address
-- method: Victor (2020), Address clustering heuristics for Ethereum, deposit address reuse: nearly the same amount within 3,200 blocks
--
-- The exchange is known by a label of the receiving wallet. Of each token all that such an address ever sent went there, and of at
-- least one it forwarded `deposit_share` of all it got (sql/workings/exchange_turns.sql). Once is what anybody does who pays an
-- exchange: it takes `deposit_forwards` times, or an exchange that pays for the transaction, or a wallet that hardly anybody but
-- deposit addresses pays: then who paid it once in just this way is one of them (`is_crowd`).
CREATE OR REPLACE TEMPORARY TABLE deposit_addresses
ENGINE = MergeTree
ORDER BY address
AS
WITH
    wallets AS (SELECT address FROM known_parties WHERE category IN ('exchange', 'hot_wallet')),
    given AS
    (
        SELECT from_address, token_address, to_address, sum(units) AS total, uniqExact(block_number) AS payments
        FROM moves
        WHERE from_address IN (SELECT address FROM exchange_turns)
        GROUP BY from_address, token_address, to_address
    ),
    -- Who gave all of everything to one, how often at most of one token.
    faithful AS
    (
        SELECT address, any(taker) AS hot_wallet, max(times) AS payments
        FROM
        (
            SELECT
                from_address AS address, token_address, argMax(to_address, (total, to_address)) AS taker, sum(given.payments) AS times,
                max(total) / sum(total) AS main_share
            FROM given
            GROUP BY address, token_address
        )
        GROUP BY address
        HAVING uniqExact(taker) = 1 AND min(main_share) >= {deposit_share:Float64} AND hot_wallet IN (SELECT address FROM wallets)
    ),
    by_token AS
    (
        SELECT
            address, token_address, min(exchange_turns.what) AS asset, sum(exchange_turns.received) AS income, sum(receipts) AS deposits,
            countIf(is_forward) AS forwards, max(exchange_turns.is_paid_for) AS paid_for,
            least(1, sumIf(sent, is_forward) / income) AS share,
            arraySlice(arrayFlatten(groupArrayIf(exchange_turns.evidence, is_forward)), 1, 30) AS forwarding
        FROM exchange_turns
        GROUP BY address, token_address
        HAVING income > 0
    ),
    -- The token that shows it best speaks for the address.
    forwarders AS
    (
        SELECT
            address, sum(by_token.forwards) AS forward_count, max(paid_for) AS is_paid_for,
            argMax((asset, income, deposits, share, forwarding), (share, token_address)) AS best
        FROM by_token
        GROUP BY address
        HAVING best.4 >= {deposit_share:Float64}
    ),
    -- How many paid a wallet again and again, whoever they are.
    regulars AS
    (
        SELECT wallet, count() AS regular_count
        FROM
        (
            SELECT to_address AS wallet, from_address
            FROM given
            WHERE wallet IN (SELECT address FROM wallets)
            GROUP BY wallet, from_address
            HAVING max(payments) >= {deposit_forwards:UInt64}
        )
        GROUP BY wallet
    ),
    weighed AS
    (
        SELECT
            f.address AS address, hot_wallet, forward_count, f.is_paid_for AS is_paid_for, best,
            forward_count >= {deposit_forwards:UInt64} OR f.is_paid_for AS is_shown,
            countIf(is_shown AND payments >= {deposit_forwards:UInt64}) OVER (PARTITION BY hot_wallet) AS crowd
        FROM forwarders AS f
        INNER JOIN faithful AS h ON h.address = f.address
    )
SELECT
    address, w.hot_wallet AS hot_wallet, best.1 AS what, best.2 AS received, best.3 AS deposits, best.4 AS share, forward_count AS forwards,
    is_paid_for, NOT is_shown AS is_crowd, best.5 AS evidence
FROM weighed AS w
LEFT JOIN regulars AS r ON r.wallet = w.hot_wallet
WHERE is_shown OR (crowd >= {crowd_size:UInt64} AND crowd >= {crowd_share:Float64} * r.regular_count)
