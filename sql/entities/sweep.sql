-- Wallets that were emptied into one collector in the same block at the same gas price: one hand signed for all of them.
--
-- grain: wallet and collector
--
-- Only wallets that had their own key sign, and only coins or tokens that were, up to then, all they had of that kind.
WITH
    signed AS
    (
        SELECT
            m.block_number AS block_number, m.to_address AS collector, m.token_address AS token_address, m.from_address AS wallet,
            x.effective_gas_price AS gas_price, sum(m.units) AS units, any(m.transaction_hash) AS sweeping
        FROM moves AS m
        INNER JOIN transactions AS x
            ON x.block_number = m.block_number AND x.transaction_index = m.transaction_index AND x.chain_id = {chain_id:UInt64}
        WHERE x.from_address = m.from_address AND x.effective_gas_price > 0
            -- Of two million payments few are many to one in a block: the others are not looked up.
            AND (m.block_number, m.to_address, m.token_address) IN (
                SELECT block_number, to_address, token_address
                FROM moves
                GROUP BY block_number, to_address, token_address
                HAVING uniqExact(from_address) >= {min_wallets:UInt64}
            )
            AND m.from_address NOT IN (SELECT address FROM entity_carriers)
            AND m.to_address NOT IN (SELECT address FROM entity_carriers)
        GROUP BY block_number, collector, token_address, wallet, gas_price
    ),
    together AS
    (
        SELECT block_number, collector, token_address, gas_price, uniqExact(wallet) AS wallet_count
        FROM signed
        GROUP BY block_number, collector, token_address, gas_price
        HAVING wallet_count >= {min_wallets:UInt64}
    ),
    emptied AS
    (
        SELECT signed.*, together.wallet_count AS wallet_count
        FROM signed
        INNER JOIN together USING (block_number, collector, token_address, gas_price)
    ),
    had AS
    (
        SELECT
            emptied.wallet AS wallet, emptied.token_address AS token_address, emptied.block_number AS block_number,
            sum(m.units) AS received
        FROM emptied
        INNER JOIN moves AS m ON m.to_address = emptied.wallet AND m.token_address = emptied.token_address
        WHERE m.block_number <= emptied.block_number
        GROUP BY wallet, token_address, block_number
    )
SELECT
    if(wallet < collector, wallet, collector) AS left_address,
    if(wallet < collector, collector, wallet) AS right_address,
    toFixedString('', 20) AS via_address,
    max(least(1, emptied.units / had.received)) AS strength,
    concat(
        '0x', lower(hex(wallet)), ' was emptied into 0x', lower(hex(collector)), ' in one block with ',
        toString(max(wallet_count) - 1), ' others, all at the same gas price.'
    ) AS sentence,
    groupUniqArray(5)(sweeping) AS evidence
FROM emptied
INNER JOIN had USING (wallet, token_address, block_number)
WHERE emptied.units >= {min_share:Float64} * had.received AND wallet != collector
GROUP BY wallet, collector
