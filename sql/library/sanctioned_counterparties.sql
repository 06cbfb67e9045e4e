-- Who dealt directly with an address on a sanctions list.
--
-- question: Which addresses gave to or took from a listed address, how much native coin, in how many transfers and
--   when? Dust that a listed address sends around counts too: look at the amounts.
-- tags: risk, sanctions, counterparties
-- column counterparty: Who dealt with it
-- column listed_address: The listed address
-- column listed_name: Name on the list
-- column list_kind: ofac, un or eu
-- column direction: received: the counterparty took from the listed address; sent: it gave to it
-- column transfers: Transfers of coins and tokens, fees apart
-- column quantity [coins]: Native coin in them
-- column amount [smallest units]: The same, exact
-- column first_at: Time of the first one
-- column last_at: Time of the last one
-- chart: counterparty, quantity, direction
-- example: chainsight query run sanctioned_counterparties
SELECT
    concat('0x', lower(hex(moved.other))) AS counterparty,
    concat('0x', lower(hex(moved.listed))) AS listed_address,
    entry.name AS listed_name,
    entry.list_kind AS list_kind,
    moved.direction AS direction,
    moved.transfers AS transfers,
    toFloat64(moved.native_amount) / 1e18 AS quantity,
    moved.native_amount AS amount,
    moved.first_at AS first_at,
    moved.last_at AS last_at
FROM (
    SELECT
        if(side = 'received', from_address, to_address) AS listed,
        if(side = 'received', to_address, from_address) AS other,
        side AS direction,
        count() AS transfers,
        sumIf(transfers.amount, kind IN ('native', 'internal')) AS native_amount,
        min(block_timestamp) AS first_at,
        max(block_timestamp) AS last_at
    FROM transfers
    ARRAY JOIN ['received', 'sent'] AS side
    WHERE chain_id = {chain_id:UInt64}
        AND block_number BETWEEN {from_block:UInt64} AND {to_block:UInt64}
        AND kind != 'fee'
    GROUP BY listed, other, direction
) AS moved
INNER JOIN (
    SELECT toFixedString(address, 20) AS address, any(list_entries.name) AS name, any(CAST(list_entries.list_kind AS String)) AS list_kind
    FROM list_entries
    WHERE length(address) = 20 AND known_to > now64(3) AND valid_to > now()
    GROUP BY address
) AS entry ON entry.address = moved.listed
WHERE moved.other != unhex(repeat('00', 20))
ORDER BY amount DESC, counterparty, listed_address, direction
LIMIT {most:UInt64}
