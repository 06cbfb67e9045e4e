-- Which tokens move, and among how many.
--
-- question: Which token contracts had the most transfers, how many gave and received them, and since when are they
--   there?
-- tags: tokens, network
-- column token: Token contract
-- column symbol: Its symbol; empty where nobody says it
-- column standard: erc20, erc721 or erc1155; wrapping counts as erc20
-- column transfers: Transfers
-- column givers: Different givers
-- column receivers: Different receivers
-- column first_at: Time of the first one
-- column last_at: Time of the last one
-- chart: token, transfers, standard
-- example: chainsight query run token_activity
SELECT
    concat('0x', lower(hex(moved.token_address))) AS token,
    known.symbol AS symbol,
    moved.standard AS standard,
    moved.transfers AS transfers,
    moved.givers AS givers,
    moved.receivers AS receivers,
    moved.first_at AS first_at,
    moved.last_at AS last_at
FROM (
    SELECT
        token_address,
        if(kind = 'wrap', 'erc20', CAST(kind AS String)) AS standard,
        count() AS transfers,
        uniqExactIf(from_address, from_address != unhex(repeat('00', 20))) AS givers,
        uniqExactIf(to_address, to_address != unhex(repeat('00', 20))) AS receivers,
        min(block_timestamp) AS first_at,
        max(block_timestamp) AS last_at
    FROM transfers
    WHERE chain_id = {chain_id:UInt64}
        AND block_number BETWEEN {from_block:UInt64} AND {to_block:UInt64}
        AND kind IN ('erc20', 'wrap', 'erc721', 'erc1155')
    GROUP BY token_address, standard
) AS moved
LEFT JOIN (
    SELECT token_address, any(tokens.symbol) AS symbol FROM tokens WHERE chain_id = {chain_id:UInt64} GROUP BY token_address
) AS known ON known.token_address = moved.token_address
ORDER BY transfers DESC, token, standard
LIMIT {most:UInt64}
