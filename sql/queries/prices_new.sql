-- How many of the staged prices are of moments without any, and how many say another price than the one that stands.
SELECT
    countIf((chain_id, token_address, quote, priced_at) NOT IN (
        SELECT chain_id, token_address, CAST(quote AS String), priced_at FROM prices
    )) AS added,
    countIf((chain_id, token_address, quote, priced_at, price) NOT IN (
        SELECT chain_id, token_address, CAST(quote AS String), priced_at, price FROM prices
    )) - added AS replaced
FROM staged_prices
