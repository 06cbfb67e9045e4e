-- Who pays into labelled exchanges.
--
-- question: Which addresses gave native coin to addresses that a source called exchange, hot wallet or deposit
--   address at that time, how much and how often, and to whom?
-- tags: exchanges, counterparties
-- column depositor: Who paid in
-- column exchange: Who, by its labels
-- column deposits: Transfers
-- column quantity [coins]: Native coin
-- column amount [smallest units]: The same, exact
-- column first_at: Time of the first one
-- column last_at: Time of the last one
-- chart: depositor, quantity, exchange
-- example: chainsight query run exchange_deposits --param most=10
SELECT
    concat('0x', lower(hex(paid.from_address))) AS depositor,
    taker.actor AS exchange,
    count() AS deposits,
    toFloat64(amount) / 1e18 AS quantity,
    sum(paid.amount) AS amount,
    min(paid.block_timestamp) AS first_at,
    max(paid.block_timestamp) AS last_at
FROM (
    SELECT from_address, to_address, transfers.amount AS amount, block_timestamp
    FROM transfers
    WHERE chain_id = {chain_id:UInt64}
        AND block_number BETWEEN {from_block:UInt64} AND {to_block:UInt64}
        AND kind IN ('native', 'internal')
        AND amount > 0
) AS paid
INNER JOIN (
    SELECT address, arrayJoin(arrayFilter(name -> name.is_exchange, names)) AS who, who.actor AS actor, who.valid_from AS since, who.valid_to AS until
    FROM address_names
    WHERE chain_id = {chain_id:UInt64}
) AS taker ON taker.address = paid.to_address
LEFT JOIN (
    SELECT address, arrayFilter(name -> name.is_exchange, address_names.names) AS names FROM address_names WHERE chain_id = {chain_id:UInt64}
) AS giver ON giver.address = paid.from_address
WHERE paid.block_timestamp >= taker.since AND paid.block_timestamp < taker.until
    AND NOT arrayExists(name -> name.valid_from <= paid.block_timestamp AND paid.block_timestamp < name.valid_to, giver.names)
GROUP BY paid.from_address, exchange
ORDER BY amount DESC, depositor, exchange
LIMIT {most:UInt64}
