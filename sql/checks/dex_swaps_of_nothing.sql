-- Trades that say which tokens were traded, but not two different ones in amounts above nothing, or that say and doubt it.
SELECT block_number, log_index, tokens_by, doubt
FROM dex_swaps
WHERE chain_id = {chain_id:UInt64}
    AND (
        (tokens_by = '') != (doubt != '')
        OR (tokens_by != '' AND (token_in IS NULL OR token_out IS NULL OR token_in = token_out OR amount_in = 0 OR amount_out = 0))
        OR (tokens_by = '' AND (token_in IS NOT NULL OR token_out IS NOT NULL OR numeraire IS NOT NULL))
    )
ORDER BY block_number, log_index
LIMIT 100
