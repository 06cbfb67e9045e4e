-- Who first gave coins to each of some addresses, and whom it paid most often: accounts of one campaign share them.
--
-- grain: address
--
-- Native coins alone, nothing after {to_block}. Empty where nobody gave, or nobody was paid; among equals the lowest address.
SELECT
    lower(hex(address)) AS address,
    if(countIf(given > 0) > 0, lower(hex(argMinIf(other, (first_given, other), given > 0))), '') AS first_funder,
    if(countIf(paid > 0) > 0, lower(hex(argMinIf(other, (-toInt64(paid), other), paid > 0))), '') AS top_receiver
FROM
(
    SELECT
        address,
        counterparty_address AS other,
        countIf(direction = 'in') AS given,
        countIf(direction = 'out') AS paid,
        minIf((block_number, transaction_index), direction = 'in') AS first_given
    FROM address_transfers
    WHERE chain_id = {chain_id:UInt64} AND block_number <= {to_block:UInt64} AND kind = 'native'
      AND address IN (SELECT arrayJoin({addresses:Array(FixedString(20))}))
    GROUP BY address, counterparty_address
)
GROUP BY address
