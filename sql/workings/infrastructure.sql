-- Addresses that ordinary traffic runs through: labelled services, contracts and hubs. Detectors of people leave them out.
--
-- builds: infrastructure
-- grain: one row per address
--
-- A hub deals with more addresses than any person, {hub_counterparties} of them: no path through it means anything, and
-- following it would cost the square of its edges. How many there are is recorded with every run.
CREATE OR REPLACE TEMPORARY TABLE infrastructure
ENGINE = MergeTree
ORDER BY address
AS
SELECT address, max(hub) AS is_hub
FROM
(
    SELECT address, 0 AS hub
    FROM known_parties
    WHERE (is_service OR category = 'contract') AND category != 'deposit'

    UNION ALL

    SELECT address, 1
    FROM
    (
        SELECT arrayJoin([(from_address, to_address), (to_address, from_address)]) AS pair, pair.1 AS address, pair.2 AS other
        FROM moves
        GROUP BY pair
    )
    GROUP BY address
    HAVING count() > {hub_counterparties:UInt64}
)
GROUP BY address
