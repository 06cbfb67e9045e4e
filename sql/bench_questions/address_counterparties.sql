-- The twenty counterparties that an address dealt with most.
SELECT
    counterparty_address,
    count() AS transfer_count,
    min(block_timestamp) AS first_timestamp,
    max(block_timestamp) AS last_timestamp
FROM address_transfers
WHERE chain_id = {chain_id:UInt64} AND address = unhex({address:String}) AND kind != 'fee'
GROUP BY counterparty_address
ORDER BY transfer_count DESC, counterparty_address
LIMIT 20
