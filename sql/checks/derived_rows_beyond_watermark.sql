-- Derived rows that say they know blocks past the watermark.
SELECT source, as_of_block, count() AS found_rows
FROM
(
    SELECT 'address_edges' AS source, as_of_block FROM address_edges WHERE chain_id = {chain_id:UInt64}
    UNION ALL SELECT 'address_measures', as_of_block FROM address_measures WHERE chain_id = {chain_id:UInt64}
    UNION ALL SELECT 'address_proximity', as_of_block FROM address_proximity WHERE chain_id = {chain_id:UInt64}
    UNION ALL SELECT 'typology_findings', as_of_block FROM typology_findings WHERE chain_id = {chain_id:UInt64}
    UNION ALL SELECT 'typology_runs', as_of_block FROM typology_runs WHERE chain_id = {chain_id:UInt64}
    UNION ALL SELECT 'entities', as_of_block FROM entities WHERE chain_id = {chain_id:UInt64}
    UNION ALL SELECT 'entity_member_rows', as_of_block FROM entity_member_rows WHERE chain_id = {chain_id:UInt64}
    UNION ALL SELECT 'wallet_predictions', as_of_block FROM wallet_predictions WHERE chain_id = {chain_id:UInt64}
    UNION ALL SELECT 'counterparty_forecasts', as_of_block FROM counterparty_forecasts WHERE chain_id = {chain_id:UInt64}
    UNION ALL SELECT 'address_daily_flows', as_of_block FROM address_daily_flows WHERE chain_id = {chain_id:UInt64}
    UNION ALL SELECT 'address_daily_counterparties', as_of_block FROM address_daily_counterparties WHERE chain_id = {chain_id:UInt64}
    UNION ALL SELECT 'token_daily_flows', as_of_block FROM token_daily_flows WHERE chain_id = {chain_id:UInt64}
    UNION ALL SELECT 'chain_daily_fees', as_of_block FROM chain_daily_fees WHERE chain_id = {chain_id:UInt64}
    UNION ALL SELECT 'active_addresses_daily', as_of_block FROM active_addresses_daily WHERE chain_id = {chain_id:UInt64}
    UNION ALL SELECT 'address_daily_edges', as_of_block FROM address_daily_edges WHERE chain_id = {chain_id:UInt64}
    UNION ALL SELECT 'token_marks', as_of_block FROM token_marks WHERE chain_id = {chain_id:UInt64}
    UNION ALL SELECT 'address_marks', as_of_block FROM address_marks WHERE chain_id = {chain_id:UInt64}
    UNION ALL SELECT 'metric_points', as_of_block FROM metric_points WHERE chain_id = {chain_id:UInt64}
)
WHERE as_of_block > (SELECT max(to_block) FROM ingest_audit WHERE chain_id = {chain_id:UInt64})
GROUP BY source, as_of_block
ORDER BY source, as_of_block
LIMIT 100
