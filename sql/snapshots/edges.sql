-- The edges of a snapshot: who gave to whom, of the kinds and the class asked for, without what is left out.
--
-- Amounts of different tokens have no common unit: wei of the native coin are exact, stablecoins are counted in dollars.
SELECT
    toInt64(givers.address_id) AS from_id,
    toInt64(receivers.address_id) AS to_id,
    transfers_of_pair AS transfer_count,
    native_units AS native_amount,
    dollars AS stable_units,
    tokens_of_pair AS token_count,
    since AS first_block,
    until AS last_block,
    toInt64(toUnixTimestamp(since_when)) AS first_timestamp,
    toInt64(toUnixTimestamp(until_when)) AS last_timestamp
FROM (
    SELECT
        from_address,
        to_address,
        sum(transfer_count) AS transfers_of_pair,
        sumIf(amount, token_address = toFixedString('', 20)) AS native_units,
        sumIf(toFloat64(amount) / exp10(assumeNotNull(decimals)), token_class = 'stable' AND decimals IS NOT NULL) AS dollars,
        uniqExactIf(token_address, token_address != toFixedString('', 20)) AS tokens_of_pair,
        min(first_block) AS since,
        max(last_block) AS until,
        min(first_timestamp) AS since_when,
        max(last_timestamp) AS until_when
    FROM address_daily_edges
    INNER JOIN (
        SELECT token_address, token_class, decimals
        FROM token_marks
        WHERE chain_id = {chain_id:UInt64}
            AND (has({token_classes:Array(String)}, CAST(token_class AS String)))
            AND NOT (is_spam = 1 AND has({leave_out:Array(String)}, 'spam'))
    ) AS classes USING (token_address)
    WHERE chain_id = {chain_id:UInt64}
        AND has({kinds:Array(String)}, CAST(kind AS String))
        AND NOT has({leave_out:Array(String)}, CAST(mark AS String))
        AND from_address != to_address
        AND from_address != toFixedString('', 20)
        AND to_address != toFixedString('', 20)
        AND from_address NOT IN (SELECT address FROM address_marks WHERE chain_id = {chain_id:UInt64} AND has({leave_out:Array(String)}, CAST(mark AS String)))
        AND to_address NOT IN (SELECT address FROM address_marks WHERE chain_id = {chain_id:UInt64} AND has({leave_out:Array(String)}, CAST(mark AS String)))
    GROUP BY from_address, to_address
) AS pairs
INNER JOIN (SELECT address, address_id FROM addresses WHERE chain_id = {chain_id:UInt64}) AS givers
    ON givers.address = pairs.from_address
INNER JOIN (SELECT address, address_id FROM addresses WHERE chain_id = {chain_id:UInt64}) AS receivers
    ON receivers.address = pairs.to_address
ORDER BY from_id, to_id
