-- Dense numbers that two addresses share.
SELECT address_id, groupArray(3)(concat('0x', lower(hex(address)))) AS addresses
FROM addresses
WHERE chain_id = {chain_id:UInt64}
GROUP BY address_id
HAVING count() > 1
ORDER BY address_id
LIMIT 100
