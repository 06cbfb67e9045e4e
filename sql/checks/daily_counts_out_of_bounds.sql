-- Days whose counts of addresses or counterparties contradict each other.
SELECT *
FROM (
    SELECT 'active_addresses_daily' AS source, '' AS address, day, active_count AS counted, new_count AS new
    FROM active_addresses_daily
    WHERE chain_id = {chain_id:UInt64}
        AND (
            new_count + returning_count != active_count
            OR greatest(giver_count, receiver_count) > active_count
            OR giver_count + receiver_count < active_count
        )
    UNION ALL
    SELECT 'address_daily_counterparties', concat('0x', lower(hex(c.address))), c.day, c.counterparty_count, c.new_counterparty_count
    FROM address_daily_counterparties AS c
    WHERE c.chain_id = {chain_id:UInt64} AND (c.counterparty_count = 0 OR c.new_counterparty_count > c.counterparty_count)
)
ORDER BY source, day, address
LIMIT 100
