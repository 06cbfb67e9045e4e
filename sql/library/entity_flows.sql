-- What flows into and out of mixers, bridges or other labelled actors, by day.
--
-- question: How much native coin reached each labelled actor of a category (mixer, bridge, gambling, scam …) each day, how
--   much left it, and how many transfers were that? Only labelled addresses count, so it is a lower bound.
-- tags: flows, risk
-- param category: Category of the actors. [default mixer]
-- column day: Day, UTC
-- column actor: Who, by the labels
-- column net [coins]: In less out
-- column inflow_amount [smallest units]: In, exact
-- column outflow_amount [smallest units]: Out, exact
-- column inflows: Transfers in
-- column outflows: Transfers out
-- chart: day, net, actor
-- example: chainsight query run entity_flows --param category=mixer
SELECT
    day,
    CAST(entity_daily_flows.actor AS String) AS actor,
    toFloat64(sum(net_amount)) / 1e18 AS net,
    sum(entity_daily_flows.inflow_amount) AS inflow_amount,
    sum(entity_daily_flows.outflow_amount) AS outflow_amount,
    sum(inflow_count) AS inflows,
    sum(outflow_count) AS outflows
FROM entity_daily_flows
WHERE chain_id = {chain_id:UInt64}
    AND category = {category:String}
    AND token_address = unhex(repeat('00', 20))
GROUP BY day, actor
ORDER BY day, actor
