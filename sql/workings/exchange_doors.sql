-- Where money enters an exchange: what sources name as one, and the addresses that it gave to its customers.
--
-- builds: exchange_doors
-- grain: one row per address
CREATE OR REPLACE TEMPORARY TABLE exchange_doors
ENGINE = MergeTree
ORDER BY address
AS
SELECT DISTINCT address
FROM known_parties
WHERE category IN ('exchange', 'hot_wallet', 'deposit')

UNION DISTINCT

SELECT address FROM deposit_addresses
