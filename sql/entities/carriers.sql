-- Addresses that many owners' traffic runs through, so that paying or being paid by one says nothing of who somebody is.
--
-- builds: entity_carriers
-- grain: one row per address
--
-- Labelled services and contracts, deposit addresses, and hubs: who deals with more than `hub_counterparties` addresses that
-- nobody labels is taken for a service that nobody has named yet.
CREATE OR REPLACE TEMPORARY TABLE entity_carriers
ENGINE = MergeTree
ORDER BY address
AS
SELECT address FROM infrastructure
UNION DISTINCT
SELECT address FROM deposit_addresses
UNION DISTINCT
SELECT toFixedString(address, 20) FROM known_parties WHERE is_service
UNION DISTINCT
SELECT address
FROM
(
    SELECT from_address AS address, to_address AS other FROM moves
    UNION ALL
    SELECT to_address, from_address FROM moves
)
GROUP BY address
HAVING uniqExact(other) > {hub_counterparties:UInt64}
