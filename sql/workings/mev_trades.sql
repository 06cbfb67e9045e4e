-- Trades that live from the order of transactions: sandwiches around somebody's trade, and arbitrage within one transaction.
--
-- builds: mev_trades
-- grain: one row per kind, transaction, address and role
-- method: Qin, Zhou and Gervais (2022), Quantifying blockchain extractable value: in one block and pool what was bought before
--   a victim's trade is sold after it; a transaction whose swaps end in the token that they began with, and more of it
CREATE OR REPLACE TEMPORARY TABLE mev_trades
ENGINE = MergeTree
ORDER BY (transaction_hash, address)
AS
WITH
    swaps AS
    (
        SELECT
            block_number, transaction_index, transaction_hash, log_index, pool, assumeNotNull(trader) AS signer, sender,
            in_is_token0, toFloat64(amount_in) AS units_in, toFloat64(amount_out) AS units_out, token_in, token_out
        FROM dex_swaps
        WHERE chain_id = {chain_id:UInt64} AND block_number <= {as_of_block:UInt64} AND trader IS NOT NULL
    ),
    -- Bought and sold again later in the same block, by one signer or through one contract.
    returns AS
    (
        SELECT
            f.block_number AS block_number, f.pool AS pool, f.in_is_token0 AS in_is_token0, f.signer AS first_signer,
            b.signer AS last_signer, f.sender AS first_sender, b.sender AS last_sender, f.transaction_index AS first_index,
            b.transaction_index AS last_index, f.transaction_hash AS first_hash, b.transaction_hash AS last_hash
        FROM swaps AS f
        INNER JOIN swaps AS b ON b.block_number = f.block_number AND b.pool = f.pool
        WHERE b.in_is_token0 != f.in_is_token0 AND b.transaction_index > f.transaction_index + 1
            AND (b.signer = f.signer OR b.sender = f.sender)
            AND b.units_in BETWEEN 0.9 * f.units_out AND 1.1 * f.units_out
    ),
    sandwiches AS
    (
        SELECT
            r.block_number AS block_number, r.first_signer AS first_signer, r.last_signer AS last_signer, r.first_hash AS first_hash,
            r.last_hash AS last_hash, v.signer AS victim, v.transaction_hash AS victim_hash,
            -- A caller of the pool that the victim used as well is a router, and says nothing of who is behind it.
            r.first_sender = r.last_sender AND v.sender != r.first_sender AS has_contract, r.first_sender AS contract
        FROM returns AS r
        INNER JOIN swaps AS v ON v.block_number = r.block_number AND v.pool = r.pool
        WHERE v.in_is_token0 = r.in_is_token0 AND v.transaction_index > r.first_index AND v.transaction_index < r.last_index
            AND v.signer NOT IN (r.first_signer, r.last_signer)
            AND (r.first_signer = r.last_signer OR v.sender != r.first_sender)
    ),
    -- Several pools in one transaction, round to the token of the beginning, with a profit.
    arbitrages AS
    (
        SELECT
            block_number, transaction_hash, any(signer) AS arbitrageur,
            argMin(token_in, log_index) AS began_with, argMax(token_out, log_index) AS ended_with
        FROM swaps
        GROUP BY block_number, transaction_hash
        HAVING uniqExact(pool) >= 2 AND began_with = ended_with AND argMax(units_out, log_index) > argMin(units_in, log_index)
    )
SELECT DISTINCT 'sandwich' AS kind, block_number, part.1 AS address, part.2 AS role, part.3 AS transaction_hash
FROM sandwiches
ARRAY JOIN arrayConcat(
    [(first_signer, 'sandwicher', first_hash), (last_signer, 'sandwicher', last_hash), (victim, 'victim', victim_hash)],
    if(has_contract, [(contract, 'contract', first_hash), (contract, 'contract', last_hash)], [])) AS part

UNION ALL

SELECT 'arbitrage', block_number, arbitrageur, 'arbitrageur', transaction_hash FROM arbitrages
