-- Store the staged prices that say something new; the row of a moment is replaced whole, in one statement for all of them.
INSERT INTO prices (
    chain_id, token_address, quote, priced_at, price, bucket_seconds, max_age_seconds, source, file, file_sha256, version
)
SELECT
    chain_id, token_address, quote, priced_at, price, bucket_seconds, max_age_seconds, source, file, file_sha256, {version:UInt64}
FROM staged_prices
WHERE (chain_id, token_address, quote, priced_at, price, bucket_seconds, max_age_seconds, source) NOT IN (
    SELECT
        chain_id, token_address, CAST(quote AS String), priced_at, price, bucket_seconds, max_age_seconds, CAST(source AS String)
    FROM prices
)
