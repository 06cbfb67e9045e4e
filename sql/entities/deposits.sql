-- Addresses that an exchange gave to its customers: whatever they get, they hand on to that exchange's own wallet.
--
-- builds: entity_deposits
-- grain: one row per deposit address
-- method: Victor (2020), Address clustering heuristics for Ethereum, deposit address reuse
--
-- The exchange is known by a label of the receiving wallet. An address counts when of at least one token it handed on `min_share` of
-- what it got from others, and all it ever sent of any token went to that one wallet, fees apart. Contracts that forward count, too.
CREATE OR REPLACE TEMPORARY TABLE entity_deposits
ENGINE = MergeTree
ORDER BY address
AS
WITH
    wallets AS (SELECT address FROM known_parties WHERE category IN ('exchange', 'hot_wallet')),
    senders AS (SELECT DISTINCT from_address AS address FROM moves WHERE to_address IN (SELECT address FROM wallets)),
    sent AS
    (
        SELECT from_address AS address, token_address, to_address AS receiver, sum(units) AS total, groupArray(10)(transaction_hash) AS evidence
        FROM moves
        WHERE from_address IN (SELECT address FROM senders) AND from_address NOT IN (SELECT address FROM wallets)
        GROUP BY address, token_address, receiver
    ),
    mainly AS
    (
        -- To whom most of it went, and how much of each token that is of all that was sent.
        SELECT
            address, token_address, argMax(receiver, (total, receiver)) AS hot_wallet, max(total) AS forwarded, sum(total) AS total_sent,
            argMax(evidence, (total, receiver)) AS forwards
        FROM sent
        GROUP BY address, token_address
    ),
    received AS
    (
        -- Coins for gas come from the exchange itself and are no deposits.
        SELECT to_address AS address, token_address, sum(units) AS total
        FROM moves
        WHERE to_address IN (SELECT address FROM senders) AND from_address NOT IN (SELECT address FROM wallets)
        GROUP BY address, token_address
    )
SELECT
    mainly.address AS address,
    argMax(mainly.hot_wallet, (mainly.forwarded / received.total, mainly.token_address)) AS hot_wallet,
    max(least(1, mainly.forwarded / received.total)) AS share,
    argMax(mainly.forwards, (mainly.forwarded / received.total, mainly.token_address)) AS forwards
FROM mainly
INNER JOIN received ON received.address = mainly.address AND received.token_address = mainly.token_address
GROUP BY address
HAVING hot_wallet IN (SELECT address FROM wallets)
    AND share >= {min_share:Float64}
    AND min(mainly.forwarded / mainly.total_sent) >= {min_share:Float64}
    AND uniqExact(mainly.hot_wallet) = 1
