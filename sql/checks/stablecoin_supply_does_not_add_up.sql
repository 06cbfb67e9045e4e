-- Supply changes of a day whose net is not what was minted less what was burnt, or that know blocks past the watermark.
SELECT day, concat('0x', lower(hex(token_address))) AS token, toString(net_amount) AS net, as_of_block
FROM stablecoin_daily_supply
WHERE chain_id = {chain_id:UInt64}
    AND (
        net_amount != toInt256(mint_amount) - toInt256(burn_amount)
        OR mint_count + burn_count = 0
        OR as_of_block > (SELECT max(to_block) FROM ingest_audit WHERE chain_id = {chain_id:UInt64})
    )
ORDER BY day, token
LIMIT 100
