-- Wallets that were emptied into one collector in the same block at the same gas price: one hand signed for all of them.
--
-- grain: wallet and collector
--
-- Only wallets that had their own key sign, and only coins or tokens that were nearly all they ever got of that kind.
WITH
    crowded AS
    (
        -- Of two million payments few are many to one in a block: the others are not looked up.
        SELECT block_number, to_address, token_address
        FROM moves
        WHERE to_address NOT IN (SELECT address FROM entity_carriers)
        GROUP BY block_number, to_address, token_address
        HAVING uniqExact(from_address) >= {min_wallets:UInt64}
    ),
    signed AS
    (
        SELECT
            m.block_number AS block_number, m.to_address AS collector, m.token_address AS token_address, m.from_address AS wallet,
            x.effective_gas_price AS gas_price, sum(m.units) AS units, any(m.transaction_hash) AS sweeping
        FROM moves AS m
        INNER JOIN
        (
            SELECT block_number, transaction_index, from_address, effective_gas_price
            FROM transactions
            WHERE chain_id = {chain_id:UInt64} AND block_number IN (SELECT block_number FROM crowded)
        ) AS x ON x.block_number = m.block_number AND x.transaction_index = m.transaction_index
        WHERE (m.block_number, m.to_address, m.token_address) IN (SELECT block_number, to_address, token_address FROM crowded)
            AND x.from_address = m.from_address AND x.effective_gas_price > 0
            AND m.from_address NOT IN (SELECT address FROM entity_carriers)
        GROUP BY block_number, collector, token_address, wallet, gas_price
    ),
    got AS
    (
        SELECT to_address AS wallet, token_address, sum(units) AS received
        FROM moves
        WHERE to_address NOT IN (SELECT address FROM entity_carriers)
        GROUP BY wallet, token_address
    )
SELECT
    if(wallet < collector, wallet, collector) AS left_address,
    if(wallet < collector, collector, wallet) AS right_address,
    toFixedString('', 20) AS via_address,
    max(least(1, units / received)) AS strength,
    concat(
        '0x', lower(hex(wallet)), ' was emptied into 0x', lower(hex(collector)), ' in one block with ',
        toString(max(wallet_count) - 1), ' others, all at the same gas price.'
    ) AS sentence,
    groupUniqArray(5)(sweeping) AS evidence
FROM (SELECT *, count() OVER (PARTITION BY block_number, collector, token_address, gas_price) AS wallet_count FROM signed) AS together
INNER JOIN got USING (wallet, token_address)
WHERE wallet_count >= {min_wallets:UInt64} AND units >= {min_share:Float64} * received AND wallet != collector
GROUP BY wallet, collector
