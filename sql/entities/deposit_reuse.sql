-- Payers of one deposit address: the exchange gave it to one customer, who pays into it from wallets of their own.
--
-- method: Victor (2020), Address clustering heuristics for Ethereum, deposit address reuse
-- grain: pair of payers that follow each other in time, deposit address
--
-- A deposit address with more than `max_givers` payers is shared (memos tell its customers apart) or a shop's, and links nobody.
WITH
    givers AS
    (
        SELECT
            to_address AS deposit, from_address AS giver, min((block_number, transaction_index, position)) AS place,
            groupArray(3)(transaction_hash) AS payments
        FROM moves
        WHERE to_address IN (SELECT address FROM deposit_addresses) AND from_address NOT IN (SELECT address FROM entity_carriers)
        GROUP BY deposit, giver
    ),
    shared AS
    (
        SELECT deposit, arraySort(groupArray((place, giver, payments))) AS givers_in_order
        FROM givers
        GROUP BY deposit
        HAVING length(givers_in_order) >= 2 AND length(givers_in_order) <= {max_givers:UInt64}
    ),
    paired AS
    (
        SELECT
            deposit, length(givers_in_order) AS giver_count,
            arrayJoin(arrayZip(arrayPopBack(givers_in_order), arrayPopFront(givers_in_order))) AS pair,
            pair.1.2 AS one, pair.2.2 AS other
        FROM shared
    )
SELECT
    if(one < other, one, other) AS left_address,
    if(one < other, other, one) AS right_address,
    deposit AS via_address,
    1 / (giver_count - 1) AS strength,
    concat(
        'Both paid the deposit address 0x', lower(hex(deposit)), ', which ', toString(giver_count), ' wallets use and an exchange empties.'
    ) AS sentence,
    arrayDistinct(arrayConcat(pair.1.3, pair.2.3)) AS evidence
FROM paired
