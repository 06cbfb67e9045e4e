-- Which labelled addresses an address dealt with, and how often.
SELECT labels.category AS category, labels.label AS label, sum(met.transfer_count) AS transfer_count
FROM (
    SELECT CAST(counterparty_address AS String) AS address, count() AS transfer_count
    FROM address_transfers
    WHERE chain_id = {chain_id:UInt64} AND address_transfers.address = unhex({address:String})
    GROUP BY address
) AS met
INNER JOIN labels ON labels.address = met.address
GROUP BY category, label
ORDER BY transfer_count DESC, category, label
LIMIT 100
