-- What is known of the tokens of some chains, by lists and by their contracts.
SELECT
    chain_id, token_address, symbol, name, decimals, CAST(source AS String) AS source, CAST(standard AS String) AS standard,
    total_supply, symbol_raw, name_raw, symbol_bytes, name_bytes, CAST(flags AS Array(String)) AS flags, as_of_block
FROM tokens
WHERE has({chains:Array(UInt64)}, chain_id)
