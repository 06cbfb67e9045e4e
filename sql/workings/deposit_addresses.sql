-- Addresses that an exchange gave to its customers: what they get they hand on soon, as it came, to that exchange's own wallet.
--
-- builds: deposit_addresses
-- grain: one row per deposit address
-- method: Victor (2020), Address clustering heuristics for Ethereum, deposit address reuse: nearly the same amount within 3,200 blocks
--
-- The exchange is known by labels of the receiving wallets: an exchange may have several, one for each token or one after the other. Of
-- each token `deposit_share` of all that such an address ever sent went to one exchange, and of at least one token it forwarded
-- `deposit_share` of all it got (sql/workings/exchange_turns.sql). Once is what anybody does who pays an exchange: it takes
-- `deposit_forwards` times, or an exchange that pays for the transaction, or a wallet that hardly anybody but deposit addresses pays:
-- then who paid it once in just this way is one of them (`is_crowd`).
CREATE OR REPLACE TEMPORARY TABLE deposit_addresses
ENGINE = MergeTree
ORDER BY address
AS
WITH
    -- A wallet whose labels name nobody is an exchange of its own.
    wallets AS
    (
        SELECT address, if(any(actor) = '', hex(address), any(actor)) AS exchange
        FROM known_parties AS k
        LEFT JOIN
        (
            SELECT address, CAST(actor AS String) AS actor
            FROM address_actors
            WHERE chain_id = {chain_id:UInt64} AND aspect = 'service'
                AND valid_from <= toDateTime64({as_of_time:String}, 3, 'UTC') AND toDateTime64({as_of_time:String}, 3, 'UTC') < valid_to
        ) AS named ON named.address = k.address
        WHERE category IN ('exchange', 'hot_wallet')
        GROUP BY address
    ),
    given AS
    (
        SELECT
            from_address, token_address, to_address, if(any(w.exchange) = '', hex(to_address), any(w.exchange)) AS exchange,
            sum(units) AS total, uniqExact(block_number) AS payments
        FROM moves
        LEFT JOIN wallets AS w ON w.address = moves.to_address
        WHERE from_address IN (SELECT address FROM exchange_turns)
        GROUP BY from_address, token_address, to_address
    ),
    -- Who gave nearly all of everything to one exchange, and its wallet that got most.
    faithful AS
    (
        SELECT address, any(taker) AS exchange, argMax(wallet, wallet_payments) AS hot_wallet
        FROM
        (
            SELECT
                from_address AS address, token_address, argMax(exchange, (given_to, exchange)) AS taker, max(given_to) / sum(given_to) AS main_share,
                argMax(wallet, (given_to, exchange)) AS wallet, argMax(times, (given_to, exchange)) AS wallet_payments
            FROM
            (
                SELECT
                    from_address, token_address, given.exchange AS exchange, sum(total) AS given_to,
                    argMax(to_address, (total, to_address)) AS wallet, argMax(given.payments, (total, to_address)) AS times
                FROM given
                GROUP BY from_address, token_address, exchange
            )
            GROUP BY address, token_address
        )
        GROUP BY address
        HAVING uniqExact(taker) = 1 AND min(main_share) >= {deposit_share:Float64} AND exchange IN (SELECT exchange FROM wallets)
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
    weighed AS
    (
        SELECT
            f.address AS address, hot_wallet, forward_count, f.is_paid_for AS is_paid_for, best,
            forward_count >= {deposit_forwards:UInt64} OR f.is_paid_for AS is_shown
        FROM forwarders AS f
        INNER JOIN faithful AS h ON h.address = f.address
    ),
    -- How many paid a wallet again and again, and how many of them are deposit addresses.
    regulars AS
    (
        SELECT wallet, count() AS regular_count, countIf(from_address IN (SELECT address FROM weighed WHERE is_shown)) AS crowd
        FROM
        (
            SELECT to_address AS wallet, from_address
            FROM given
            WHERE wallet IN (SELECT address FROM wallets)
            GROUP BY wallet, from_address
            HAVING max(payments) >= {deposit_forwards:UInt64}
        )
        GROUP BY wallet
    )
SELECT
    address, w.hot_wallet AS hot_wallet, best.1 AS what, best.2 AS received, best.3 AS deposits, best.4 AS share, forward_count AS forwards,
    is_paid_for, NOT is_shown AS is_crowd, best.5 AS evidence
FROM weighed AS w
LEFT JOIN regulars AS r ON r.wallet = w.hot_wallet
WHERE is_shown OR (crowd >= {crowd_size:UInt64} AND crowd >= {crowd_share:Float64} * r.regular_count)
