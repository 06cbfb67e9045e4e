-- Inflow, outflow and net of every exchange by day and token.
--
-- Customers pay to an exchange's deposit addresses and are paid from its hot wallets; both are the exchange, and what it moves
-- between them is no flow. The categories that are an exchange stand here and in address_names. A view of entity_daily_flows, which says which transfers are left out.
CREATE VIEW IF NOT EXISTS exchange_daily_flows
(
    chain_id UInt64 COMMENT 'EIP-155 chain id',
    day Date COMMENT 'Day, UTC',
    exchange LowCardinality(String) COMMENT 'Who, by the labels, see address_actors',
    token_address FixedString(20) COMMENT 'Token contract; zeros for the native coin',
    inflow_count UInt64 COMMENT 'Transfers that came in from somebody else',
    inflow_amount UInt256 COMMENT 'Smallest units that came in',
    outflow_count UInt64 COMMENT 'Transfers that went out to somebody else',
    outflow_amount UInt256 COMMENT 'Smallest units that went out',
    net_amount Int256 COMMENT 'In less out, smallest units',
    as_of_block UInt64 COMMENT 'Highest block of the day in which one of these transfers was'
)
AS SELECT
    f.chain_id AS chain_id,
    f.day AS day,
    f.actor AS exchange,
    f.token_address AS token_address,
    sum(f.inflow_count) AS inflow_count,
    sum(f.inflow_amount) AS inflow_amount,
    sum(f.outflow_count) AS outflow_count,
    sum(f.outflow_amount) AS outflow_amount,
    sum(f.net_amount) AS net_amount,
    max(f.as_of_block) AS as_of_block
FROM entity_daily_flows AS f
WHERE f.aspect = 'service' AND f.category IN ('exchange', 'deposit', 'hot_wallet')
GROUP BY f.chain_id, f.day, f.actor, f.token_address
COMMENT 'One row per day, exchange and token'
