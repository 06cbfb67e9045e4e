-- Who gave a wallet its very first coins, without which it could not have signed anything.
--
-- method: first funder, as in the Hop (2022) sybil reports
-- grain: funded wallet
--
-- Which coins were the first stands in sql/workings/first_funding.sql. A funder of more than `max_funded` wallets is a faucet or a service.
WITH funded AS
(
    SELECT wallet, funder, transaction_hash AS funding, count() OVER (PARTITION BY funder) AS funded_count
    FROM first_funding
    WHERE has_signed AND since_block = block_number AND NOT by_service AND funder != wallet
        AND wallet NOT IN (SELECT address FROM entity_carriers) AND funder NOT IN (SELECT address FROM entity_carriers)
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
