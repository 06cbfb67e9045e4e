-- Addresses that pass what they receive to a wallet of a labelled exchange: deposit addresses of its customers.
--
-- method: Victor (2020), Address clustering heuristics for Ethereum, deposit address reuse
-- grain: address and role
--
-- The rule stands in sql/workings/deposit_addresses.sql, and is one with that of entities; here more forwards may be asked for.
SELECT
    address,
    'deposit' AS role,
    share * if(is_crowd, 0.5, 1 - 1 / (1 + forwards)) AS strength,
    concat(
        'Forwarded ', toString(round(100 * share, 1)), ' % of ', toString(round(received, 4)), ' ', what, ' from ', toString(deposits),
        ' deposits to the exchange wallet 0x', lower(hex(hot_wallet)), ', in ', toString(forwards), if(forwards = 1, ' go', ' goes'),
        multiIf(
            is_crowd, '; hardly anybody but deposit addresses pays that wallet.',
            is_paid_for, '; the exchange paid the fee.',
            ' of nearly the same amount each.')
    ) AS sentence,
    evidence
FROM deposit_addresses
WHERE forwards >= {min_forwards:UInt64}
