-- Who pays into labelled exchanges.
--
-- question: Which addresses gave native coin to addresses that a source calls exchange, hot wallet or deposit
--   address, how much and how often, and to whom?
-- tags: exchanges, counterparties
-- column depositor: Who paid in
-- column exchange: Name in the label, up to a colon
-- column deposits: Transfers
-- column quantity [coins]: Native coin
-- column amount [smallest units]: The same, exact
-- column first_at: Time of the first one
-- column last_at: Time of the last one
-- chart: depositor, quantity, exchange
-- example: chainsight query run exchange_deposits --param most=10
SELECT
    concat('0x', lower(hex(paid.from_address))) AS depositor,
    said.exchange AS exchange,
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
    SELECT toFixedString(address, 20) AS address, argMax(trim(splitByChar(':', label)[1]), confidence) AS exchange
    FROM labels
    WHERE length(address) = 20 AND known_to > now64(3) AND category IN ('exchange', 'hot_wallet', 'deposit')
    GROUP BY address
) AS said ON said.address = paid.to_address
WHERE paid.from_address NOT IN (
    SELECT toFixedString(address, 20) FROM labels
    WHERE length(address) = 20 AND known_to > now64(3) AND category IN ('exchange', 'hot_wallet', 'deposit')
)
GROUP BY paid.from_address, exchange
ORDER BY amount DESC, depositor, exchange
LIMIT {most:UInt64}
