-- How much of each stablecoin was issued and redeemed, by day.
--
-- question: How did the supply of the stablecoins that this chain is known to have change from day to day? Issuance is money
--   coming in, redemption money going out.
-- tags: tokens, supply, markets
-- column day: Day, UTC
-- column token: Contract
-- column symbol: Its symbol; empty where nobody says it
-- column net [tokens]: Issued less redeemed, by its decimals; NULL where those are unknown
-- column minted_amount [smallest units]: Issued, exact
-- column burnt_amount [smallest units]: Redeemed, exact
-- chart: day, net, symbol
-- example: chainsight query run stablecoin_supply
SELECT
    made.day AS day,
    concat('0x', lower(hex(made.token_address))) AS token,
    known.symbol AS symbol,
    toFloat64(made.net_amount) / exp10(known.decimals) AS net,
    made.mint_amount AS minted_amount,
    made.burn_amount AS burnt_amount
FROM stablecoin_daily_supply AS made
LEFT JOIN (
    SELECT token_address, any(tokens.symbol) AS symbol, any(tokens.decimals) AS decimals
    FROM tokens WHERE chain_id = {chain_id:UInt64} GROUP BY token_address
) AS known ON known.token_address = made.token_address
WHERE made.chain_id = {chain_id:UInt64}
ORDER BY day, token
