-- Where money enters an exchange: what sources name as one, and addresses that pass nearly all they get to such a wallet.
--
-- builds: exchange_doors
-- grain: one row per address
-- method: Victor (2020), Address clustering heuristics for Ethereum, deposit address reuse
CREATE OR REPLACE TEMPORARY TABLE exchange_doors
ENGINE = MergeTree
ORDER BY address
AS
SELECT DISTINCT address
FROM known_parties
WHERE category IN ('exchange', 'hot_wallet', 'deposit')

UNION DISTINCT

SELECT from_address
FROM
(
    SELECT
        from_address, token_address, uniqExact(to_address) AS receivers,
        sumIf(units, to_address IN (SELECT address FROM known_parties WHERE category IN ('exchange', 'hot_wallet'))) / sum(units) AS given_share
    FROM moves
    GROUP BY from_address, token_address
    HAVING given_share >= {door_share:Float64} AND receivers <= 3
)
WHERE from_address NOT IN (SELECT address FROM known_parties WHERE is_service)
