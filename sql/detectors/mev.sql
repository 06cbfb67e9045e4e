-- Sandwiches and arbitrage, marked as what they are, so that nobody takes their speed and circles for laundering.
--
-- method: Qin, Zhou and Gervais (2022), Quantifying blockchain extractable value (see sql/workings/mev_trades.sql)
-- grain: address and role
SELECT
    address,
    role,
    1 - 1 / (1 + uniqExact(transaction_hash)) AS strength,
    concat(
        multiIf(role = 'victim', 'Traded inside', role = 'contract', 'Was called for', role = 'arbitrageur', 'Made', 'Put'), ' ',
        toString(uniqExact(transaction_hash)),
        multiIf(
            role = 'victim', ' sandwiches, at a worse price than without them.',
            role = 'arbitrageur', ' trades round several pools that ended with more of what they began with.',
            role = 'contract', ' trades around those of others.',
            ' trades around those of others in the same block and pool.')
    ) AS sentence,
    groupUniqArray(30)(transaction_hash) AS evidence
FROM mev_trades
WHERE address NOT IN (SELECT address FROM known_parties WHERE is_service)
GROUP BY address, role
HAVING uniqExact(transaction_hash) >= {min_trades:UInt64}
