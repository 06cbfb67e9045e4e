-- Symbol, name and decimals of tokens as the account histories state them most often.
INSERT INTO tokens (chain_id, token_address, symbol, name, decimals, source, version)
SELECT
    {chain_id:UInt64},
    unhex(substring(token, 3)),
    topK(1)(token_symbol)[1],
    topK(1)(token_name)[1],
    if(max(token_decimal) < 0, NULL, toUInt8(max(token_decimal))),
    'tables',
    {version:UInt64}
FROM staged_token_transfers
GROUP BY token
