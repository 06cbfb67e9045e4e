-- Who gave a wallet its very first coins, without which it could not have signed anything.
--
-- method: first funder, as in the Hop (2022) sybil reports
-- grain: funded wallet
--
-- A funder of more than `max_funded` wallets is a faucet or a service. A contract that spreads coins acts for whoever called it. A
-- trifle, a hundredth of the largest payment of its token or less, is nobody's first coins: strangers send those to everybody.
WITH
    given AS
    (
        SELECT
            m.to_address AS wallet, m.block_number AS block_number, m.transaction_index AS transaction_index, m.position AS position,
            m.token_address AS token_address, m.units AS units, m.transaction_hash AS transaction_hash,
            if(m.from_address IN (SELECT address FROM infrastructure), x.from_address, m.from_address) AS giver,
            m.from_address IN (SELECT address FROM known_parties WHERE is_service) AS by_service,
            max(m.units) OVER (PARTITION BY m.to_address, m.token_address) AS largest
        FROM moves AS m
        LEFT JOIN transactions AS x
            ON x.block_number = m.block_number AND x.transaction_index = m.transaction_index AND x.chain_id = {chain_id:UInt64}
        WHERE m.to_address NOT IN (SELECT address FROM entity_carriers)
    ),
    first_given AS
    (
        SELECT
            wallet,
            argMin((giver, token_address, transaction_hash, block_number, by_service), (block_number, transaction_index, position)) AS start
        FROM given
        WHERE units > 0.01 * largest
        GROUP BY wallet
    ),
    acted AS
    (
        SELECT from_address AS wallet, min(block_number) AS first_block
        FROM transactions
        WHERE chain_id = {chain_id:UInt64} AND block_number <= {as_of_block:UInt64} AND success != 2
        GROUP BY wallet
    ),
    funded AS
    (
        SELECT first_given.wallet AS wallet, start.1 AS funder, start.3 AS funding, count() OVER (PARTITION BY start.1) AS funded_count
        FROM first_given
        INNER JOIN acted ON acted.wallet = first_given.wallet
        WHERE start.2 = unhex(repeat('00', 20)) AND NOT start.5 AND acted.first_block >= start.4 AND start.1 != first_given.wallet
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
