-- Addresses that ordinary traffic runs through: labelled services and contracts. Detectors of people leave them out.
--
-- builds: infrastructure
-- grain: one row per address
CREATE OR REPLACE TEMPORARY TABLE infrastructure
ENGINE = MergeTree
ORDER BY address
AS
SELECT DISTINCT address
FROM known_parties
WHERE (is_service OR category = 'contract') AND category != 'deposit'
