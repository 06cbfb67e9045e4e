-- Addresses that pay early investors with the money of later ones and leave the last with a loss.
--
-- method: Bartoletti et al. (2020), Dissecting Ponzi schemes on Ethereum, criteria R1 to R4
-- grain: address and role
WITH
    schemes AS
    (
        SELECT to_address AS scheme, token_address
        FROM settled
        WHERE to_address NOT IN (SELECT address FROM known_parties WHERE is_service)
        GROUP BY scheme, token_address
        HAVING uniqExact(from_address) BETWEEN {min_investors:UInt64} AND {max_investors:UInt64}
            AND (scheme, token_address) IN
            (
                SELECT from_address, token_address FROM settled
                GROUP BY from_address, token_address HAVING uniqExact(to_address) >= {min_investors:UInt64} / 3
            )
    ),
    paid_in AS
    (
        SELECT
            to_address AS scheme, from_address AS investor, token_address, min(asset) AS asset, sum(units) AS invested,
            min((block_number, transaction_index)) AS joined, min(transaction_hash) AS joining
        FROM settled
        WHERE (to_address, token_address) IN (SELECT scheme, token_address FROM schemes)
        GROUP BY scheme, investor, token_address
    ),
    paid_out AS
    (
        SELECT
            from_address AS scheme, to_address AS investor, token_address, sum(units) AS returned, count() AS payouts,
            min((block_number, transaction_index)) AS first_payout, min(transaction_hash) AS paying
        FROM settled
        WHERE (from_address, token_address) IN (SELECT scheme, token_address FROM schemes)
        GROUP BY scheme, investor, token_address
    ),
    ranked AS
    (
        SELECT
            i.scheme AS scheme, i.token_address AS token_address, i.asset AS asset, i.investor AS investor, invested,
            ifNull(o.returned, 0) AS repaid, ifNull(o.paying, i.joining) AS shown, ifNull(o.first_payout > i.joined, 0) AS paid_later,
            percent_rank() OVER (PARTITION BY i.scheme, i.token_address ORDER BY joined) AS late
        FROM paid_in AS i
        LEFT JOIN
        (
            SELECT scheme, investor, token_address, toNullable(returned) AS returned, toNullable(paying) AS paying,
                first_payout FROM paid_out
        ) AS o ON o.scheme = i.scheme AND o.investor = i.investor AND o.token_address = i.token_address
    ),
    summed AS
    (
        SELECT
            scheme, token_address, min(asset) AS asset, count() AS investors, sum(invested) AS total_in, sum(repaid) AS total_out,
            countIf(paid_later AND repaid > 0) AS repaid_investors,
            sumIf(repaid, late < 0.5) / sumIf(invested, late < 0.5) AS early_return,
            sumIf(repaid, late >= 2 / 3) / sumIf(invested, late >= 2 / 3) AS late_return,
            groupUniqArray(30)(shown) AS evidence
        FROM ranked
        GROUP BY scheme, token_address
        HAVING investors >= {min_investors:UInt64}
    ),
    paid AS (SELECT scheme, token_address, sum(returned) AS total_paid FROM paid_out GROUP BY scheme, token_address)
SELECT
    part.1 AS address,
    part.2 AS role,
    least(1, early_return - late_return) * (total_out / total_paid) AS strength,
    concat(
        if(role = 'operator', 'Made a contract that took ', 'Took '), toString(round(total_in, 4)), ' ', asset, ' from ', toString(investors), ' investors and repaid ', toString(repaid_investors),
        ' of them: the early half got ', toString(round(100 * early_return)), ' % of their money back, the last third ',
        toString(round(100 * late_return)), ' %.'
    ) AS sentence,
    evidence
FROM summed
INNER JOIN paid ON paid.scheme = summed.scheme AND paid.token_address = summed.token_address
LEFT JOIN
(
    SELECT assumeNotNull(contract_address) AS scheme, [(min(from_address), 'operator')] AS creators
    FROM transactions
    WHERE chain_id = {chain_id:UInt64} AND block_number <= {as_of_block:UInt64} AND contract_address IS NOT NULL
    GROUP BY scheme
) AS created ON created.scheme = summed.scheme
ARRAY JOIN arrayConcat([(summed.scheme, if(empty(created.creators), 'actor', 'contract'))], created.creators) AS part
WHERE repaid_investors >= {min_investors:UInt64} / 3
    AND total_out >= {min_recycled:Float64} * total_in AND total_paid <= total_in * 1.000001
    AND total_out >= {min_to_investors:Float64} * total_paid
    AND early_return >= {min_early_return:Float64} AND late_return <= {max_late_return:Float64}
