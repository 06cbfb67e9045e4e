-- Transfers between pools and whoever trades from the order of transactions there: trade that goes round, and looks like much else.
--
-- builds: mev_transfers
-- grain: one row per transaction, giver and receiver
--
-- Only these are left out of `moves`: what else the same transactions pay, to whomever, has its own meaning.
CREATE OR REPLACE TEMPORARY TABLE mev_transfers
ENGINE = MergeTree
ORDER BY (transaction_hash, from_address, to_address)
AS
WITH parties AS
(
    SELECT
        transaction_hash, groupUniqArray(pool) AS pools,
        arrayDistinct(arrayConcat(groupUniqArray(assumeNotNull(trader)), groupUniqArray(sender))) AS traders
    FROM dex_swaps
    WHERE chain_id = {chain_id:UInt64} AND block_number <= {as_of_block:UInt64} AND trader IS NOT NULL
        AND transaction_hash IN (SELECT transaction_hash FROM mev_trades WHERE role != 'victim')
    GROUP BY transaction_hash
)
SELECT DISTINCT transaction_hash, way.1 AS from_address, way.2 AS to_address
FROM parties
ARRAY JOIN arrayFlatten(arrayMap(
    pool -> arrayConcat(
        arrayMap(other -> (pool, other), arrayConcat(pools, traders)), arrayMap(trader -> (trader, pool), traders)
    ),
    pools)) AS way
