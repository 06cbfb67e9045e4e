-- Which coins a wallet's life began with and who gave them: without them it could have signed nothing.
--
-- builds: first_funding
-- grain: one row per address that is no infrastructure and got coins that were more than dust
--
-- Tokens pay no fees, so only coins of the chain count. Dust is what would not have paid for the wallet's own first transaction; where that
-- is unknown, for a plain payment at the price of the transaction that brought it; where prices are unknown, at a gwei. What a contract
-- spreads comes from whoever signed the transaction. Coins are the first when nothing was signed before: since_block = block_number.
CREATE OR REPLACE TEMPORARY TABLE first_funding
ENGINE = MergeTree
ORDER BY wallet
AS
WITH
    signed AS
    (
        SELECT
            from_address AS wallet, min(block_number) AS first_block,
            argMin(toFloat64(gas_used) * toFloat64(effective_gas_price) / 1e18, (block_number, transaction_index)) AS first_fee
        FROM transactions
        WHERE chain_id = {chain_id:UInt64} AND block_number <= {as_of_block:UInt64} AND success != 2
        GROUP BY wallet
    ),
    given AS
    (
        SELECT
            m.to_address AS wallet, m.block_number AS at_block, m.transaction_index AS at_index, m.position AS at_position, m.units AS units,
            m.transaction_hash AS funding, m.from_address IN (SELECT address FROM known_parties WHERE is_service) AS is_paid_out,
            if(m.from_address IN (SELECT address FROM infrastructure), x.from_address, m.from_address) AS giver,
            21000 * if(x.effective_gas_price > 0, toFloat64(x.effective_gas_price), 1e9) / 1e18 AS plain_fee
        FROM moves AS m
        LEFT JOIN transactions AS x
            ON x.block_number = m.block_number AND x.transaction_index = m.transaction_index AND x.chain_id = {chain_id:UInt64}
        WHERE m.token_address = unhex(repeat('00', 20)) AND m.to_address NOT IN (SELECT address FROM infrastructure)
    )
SELECT
    given.wallet AS wallet,
    argMin((giver, is_paid_out, at_block, at_index, at_position, funding), (at_block, at_index, at_position)) AS start,
    start.1 AS funder,
    start.2 AS by_service,
    start.3 AS block_number,
    start.4 AS transaction_index,
    start.5 AS position,
    start.6 AS transaction_hash,
    any(signed.wallet) != toFixedString('', 20) AS has_signed,
    if(has_signed, least(block_number, any(signed.first_block)), block_number) AS since_block
FROM given
LEFT JOIN signed ON signed.wallet = given.wallet
WHERE units >= if(first_fee > 0, first_fee, plain_fee)
GROUP BY wallet
