-- Flows of a day whose net is not what came in less what went out, that are of nobody, or that know blocks past the watermark.
SELECT day, aspect, actor, concat('0x', lower(hex(token_address))) AS token, toString(net_amount) AS net, as_of_block
FROM entity_daily_flows
WHERE chain_id = {chain_id:UInt64}
    AND (
        net_amount != toInt256(inflow_amount) - toInt256(outflow_amount)
        OR inflow_count + outflow_count = 0
        OR (aspect, actor) NOT IN (SELECT aspect, actor FROM address_actors WHERE chain_id = {chain_id:UInt64})
        OR as_of_block > (SELECT max(to_block) FROM ingest_audit WHERE chain_id = {chain_id:UInt64})
    )
ORDER BY day, aspect, actor, token
LIMIT 100
