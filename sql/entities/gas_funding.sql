-- Who gave a wallet its very first coins, without which it could not have signed anything.
--
-- method: first funder, as in the Hop (2022) sybil reports
-- grain: funded wallet
--
-- A funder of more than `max_funded` wallets is a faucet or a service. A contract that spreads coins acts for whoever called it. Coins
-- that would not have paid for the wallet's first transaction are dust, which strangers send to everybody.
WITH
    given AS
    (
        SELECT
            m.to_address AS wallet, m.block_number AS block_number, m.transaction_index AS transaction_index, m.position AS position,
            m.token_address AS token_address, m.units AS units, m.transaction_hash AS transaction_hash,
            if(m.from_address IN (SELECT address FROM infrastructure), x.from_address, m.from_address) AS giver,
            m.from_address IN (SELECT address FROM known_parties WHERE is_service) AS by_service
        FROM moves AS m
        LEFT JOIN transactions AS x
            ON x.block_number = m.block_number AND x.transaction_index = m.transaction_index AND x.chain_id = {chain_id:UInt64}
        WHERE m.to_address NOT IN (SELECT address FROM entity_carriers)
    ),
    acted AS
    (
        SELECT
            from_address AS wallet, min(block_number) AS first_block,
            argMin(toFloat64(gas_used) * toFloat64(effective_gas_price) / 1e18, (block_number, transactions.transaction_index)) AS first_fee
        FROM transactions
        WHERE chain_id = {chain_id:UInt64} AND block_number <= {as_of_block:UInt64} AND success != 2
        GROUP BY wallet
    ),
    first_given AS
    (
        SELECT
            given.wallet AS wallet, any(first_block) AS acted_block,
            argMin((giver, token_address, transaction_hash, block_number, by_service), (block_number, transaction_index, position)) AS start
        FROM given
        INNER JOIN acted ON acted.wallet = given.wallet
        WHERE token_address != unhex(repeat('00', 20)) OR units >= first_fee
        GROUP BY wallet
    ),
    funded AS
    (
        SELECT first_given.wallet AS wallet, start.1 AS funder, start.3 AS funding, count() OVER (PARTITION BY start.1) AS funded_count
        FROM first_given
        WHERE start.2 = unhex(repeat('00', 20)) AND NOT start.5 AND acted_block >= start.4 AND start.1 != first_given.wallet
            AND start.1 NOT IN (SELECT address FROM entity_carriers)
    )
SELECT
    if(wallet < funder, wallet, funder) AS left_address,
    if(wallet < funder, funder, wallet) AS right_address,
    toFixedString('', 20) AS via_address,
    1 - 1 / (1 + funded_count) AS strength,
    concat(
        '0x', lower(hex(funder)), ' gave 0x', lower(hex(wallet)), ' its first coins, as it did for ', toString(funded_count), ' wallets.'
    ) AS sentence,
    [funding] AS evidence
FROM funded
WHERE funded_count <= {max_funded:UInt64}
