-- Money that changed hands: coins and fungible tokens in whole units; fees, empty transfers and amounts no token has are apart.
--
-- builds: moves
-- grain: one row per transfer of kind native, internal or erc20 between two different addresses
--
-- What sandwiches and arbitrage move between pools and traders is left out (sql/workings/mev_transfers.sql).
CREATE OR REPLACE TEMPORARY TABLE moves
ENGINE = MergeTree
ORDER BY (token_address, from_address, block_number)
AS
WITH arrayMap(text -> toFixedString(unhex(substring(text, 3)), 20), {stablecoins:Array(String)}) AS listed_stablecoins
SELECT
    block_number,
    block_timestamp,
    transaction_index,
    position,
    transaction_hash,
    from_address,
    to_address,
    token_address,
    -- Unknown decimals are taken as 18, the default of ERC-20; where absolute sizes matter, ask has_known_unit.
    toFloat64(amount) / pow(10, ifNull(tokens.decimals, 18)) AS units,
    token_address = unhex(repeat('00', 20)) OR tokens.decimals IS NOT NULL AS has_known_unit,
    multiIf(
        token_address != unhex(repeat('00', 20)) AND tokens.symbol != '', substring(tokens.symbol, 1, 12),
        token_address != unhex(repeat('00', 20)), concat('units of token 0x', lower(hex(substring(token_address, 1, 4))), '…'),
        {native_symbol:String}
    ) AS asset,
    -- A symbol is what its contract says of itself: it counts only on chains whose stablecoins nobody has listed.
    has(listed_stablecoins, token_address)
        OR (has({stable_symbols:Array(String)}, asset) AND token_address != unhex(repeat('00', 20))) AS is_stable
FROM transfers
LEFT JOIN
(
    SELECT token_address, argMax(symbol, version) AS symbol, argMax(decimals, version) AS decimals
    FROM tokens
    WHERE chain_id = {chain_id:UInt64}
    GROUP BY token_address
) AS tokens USING (token_address)
WHERE chain_id = {chain_id:UInt64}
    AND block_number <= {as_of_block:UInt64}
    AND kind IN ('native', 'internal', 'erc20')
    AND amount > 0
    AND NOT amount_overflow
    AND doubt != 'collection_with_amount'
    AND from_address != to_address
    AND from_address != unhex(repeat('00', 20))
    AND to_address != unhex(repeat('00', 20))
    AND (transaction_hash, from_address, to_address) NOT IN (SELECT transaction_hash, from_address, to_address FROM mev_transfers)
