-- What flows into and out of exchanges, by day.
--
-- question: How much of a coin or token reached each labelled exchange each day, how much left it, and what is the
--   net? Sustained inflow is read as a wish to sell.
-- tags: exchanges, flows
-- param token_address: Token contract; zeros for the native coin. [default
--   0x0000000000000000000000000000000000000000]
-- column day: Day, UTC
-- column exchange: Who, by its labels
-- column net [coins or tokens]: In less out, by the token's decimals; NULL where those are unknown
-- column inflow_amount [smallest units]: In, exact
-- column outflow_amount [smallest units]: Out, exact
-- column inflows: Transfers in
-- column outflows: Transfers out
-- chart: day, net, exchange
-- example: chainsight query run exchange_flows --plot flows.svg
WITH (
    SELECT if({token_address:String} = concat('0x', repeat('0', 40)), 18, max(decimals)) FROM tokens
    WHERE chain_id = {chain_id:UInt64} AND token_address = unhex(substring({token_address:String}, 3))
) AS places
SELECT
    day,
    CAST(exchange_daily_flows.exchange AS String) AS exchange,
    toFloat64(net_amount) / exp10(places) AS net,
    inflow_amount,
    outflow_amount,
    inflow_count AS inflows,
    outflow_count AS outflows
FROM exchange_daily_flows
WHERE chain_id = {chain_id:UInt64} AND token_address = unhex(substring({token_address:String}, 3))
ORDER BY day, exchange
