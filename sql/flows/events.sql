-- Who paid whom at which second: value that moved between two known addresses, native coin or tokens.
--
-- grain: second, giver, receiver
--
-- Several transfers from one giver to the same receiver in one second are one event: the second is told once, so a ranker
-- cannot profit from knowing the first of them. Gas fees, wrapping, mint and burn have no counterparty; internal calls
-- follow from the code of a contract within the second, so they are nobody's choice.
--
-- The chain is named inside the subqueries, not in ON: from two equalities of chain_id the planner would derive a third one
-- and join givers with receivers on it first, which pairs every address with every other.
SELECT
    toInt64(toUnixTimestamp(block_timestamp)) AS time,
    givers.address_id AS giver,
    receivers.address_id AS receiver
FROM transfers
INNER JOIN (SELECT address, address_id FROM addresses WHERE chain_id = {chain_id:UInt64}) AS givers
    ON givers.address = transfers.from_address
INNER JOIN (SELECT address, address_id FROM addresses WHERE chain_id = {chain_id:UInt64}) AS receivers
    ON receivers.address = transfers.to_address
WHERE transfers.chain_id = {chain_id:UInt64}
  AND transfers.block_number <= {as_of_block:UInt64}
  AND transfers.kind IN ('native', 'erc20', 'erc721', 'erc1155')
  AND transfers.amount > 0
  AND transfers.from_address != transfers.to_address
GROUP BY time, giver, receiver
ORDER BY time, giver, receiver
