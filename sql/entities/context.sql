-- What else speaks for or against one owner of a pair: how much of their money is each other's, and whom both know.
--
-- grain: pair of entity_candidates
--
-- money_in and money_out: share of all payments to (from) one of the two that came from (went to) the other, of the closer one.
-- shared: share of the counterparties of the one with fewer that both have, carriers apart. few: 1 for a wallet with one counterparty,
-- falling.
WITH
    ends AS (SELECT DISTINCT arrayJoin([left_address, right_address]) AS address FROM entity_candidates),
    payments AS
    (
        SELECT from_address AS address, to_address AS other, 0 AS is_in, count() AS n
        FROM moves WHERE from_address IN (SELECT address FROM ends) GROUP BY address, other
        UNION ALL
        SELECT to_address, from_address, 1, count()
        FROM moves WHERE to_address IN (SELECT address FROM ends) GROUP BY to_address, from_address
    ),
    known AS
    (
        SELECT
            address,
            groupUniqArrayIf(other, other NOT IN (SELECT address FROM entity_carriers)) AS others,
            toFloat64(uniqExact(other)) AS degree,
            toFloat64(sumIf(n, is_in = 1)) AS payments_in,
            toFloat64(sumIf(n, is_in = 0)) AS payments_out,
            sumMapIf([other], [n], is_in = 1) AS givers,
            sumMapIf([other], [n], is_in = 0) AS takers
        FROM payments
        GROUP BY address
    )
SELECT
    c.left_address AS left_address,
    c.right_address AS right_address,
    greatest(
        a.givers.2[indexOf(a.givers.1, c.right_address)] / greatest(a.payments_in, 1),
        b.givers.2[indexOf(b.givers.1, c.left_address)] / greatest(b.payments_in, 1)
    ) AS money_in,
    greatest(
        a.takers.2[indexOf(a.takers.1, c.right_address)] / greatest(a.payments_out, 1),
        b.takers.2[indexOf(b.takers.1, c.left_address)] / greatest(b.payments_out, 1)
    ) AS money_out,
    length(arrayIntersect(a.others, b.others)) / greatest(1, least(length(a.others), length(b.others))) AS shared,
    1 / greatest(1, least(a.degree, b.degree)) AS few,
    1 / greatest(1, greatest(a.degree, b.degree)) AS both_few
FROM entity_candidates AS c
LEFT JOIN known AS a ON a.address = c.left_address
LEFT JOIN known AS b ON b.address = c.right_address
ORDER BY left_address, right_address
