-- Who paid whom at which second: value that moved between two known addresses, native coin or tokens.
--
-- grain: second, giver, receiver
--
-- Several transfers from one giver to the same receiver in one second are one event: the second is told once, so a ranker
-- cannot profit from knowing the first of them. Gas fees, wrapping, mint and burn have no counterparty; internal calls
-- follow from the code of a contract within the second, so they are nobody's choice.
SELECT
    toInt64(toUnixTimestamp(block_timestamp)) AS time,
    givers.address_id AS giver,
    receivers.address_id AS receiver
FROM transfers
INNER JOIN addresses AS givers ON givers.chain_id = transfers.chain_id AND givers.address = transfers.from_address
INNER JOIN addresses AS receivers ON receivers.chain_id = transfers.chain_id AND receivers.address = transfers.to_address
WHERE transfers.chain_id = {chain_id:UInt64}
  AND transfers.block_number <= {as_of_block:UInt64}
  AND transfers.kind IN ('native', 'erc20', 'erc721', 'erc1155')
  AND transfers.amount > 0
  AND transfers.from_address != transfers.to_address
GROUP BY time, giver, receiver
ORDER BY time, giver, receiver
