-- Withdraw the dirty addresses of which no transfer is left, and mend the first block of the others.
INSERT INTO addresses (chain_id, address, address_id, first_block, version, is_deleted)
WITH
    dirty AS (
        SELECT DISTINCT toFixedString(key, 20) AS address
        FROM dirty_keys
        WHERE chain_id = {chain_id:UInt64} AND kind = 'address'
    ),
    left_over AS (
        SELECT arrayJoin([from_address, to_address]) AS address, min(block_number) AS first_block, count() AS transfer_count
        FROM transfers
        WHERE chain_id = {chain_id:UInt64}
            AND block_number <= {to_block:UInt64}
            AND (from_address IN (SELECT address FROM dirty) OR to_address IN (SELECT address FROM dirty))
        GROUP BY address
    )
SELECT
    a.chain_id,
    a.address,
    a.address_id,
    if(l.transfer_count = 0, a.first_block, l.first_block),
    a.version + 1,
    l.transfer_count = 0
FROM (
    SELECT * FROM addresses
    WHERE chain_id = {chain_id:UInt64} AND address IN (SELECT address FROM dirty)
) AS a
LEFT JOIN left_over AS l ON l.address = a.address
WHERE l.transfer_count = 0 OR l.first_block != a.first_block
