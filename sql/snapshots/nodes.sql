-- The marks of the addresses of a chain that have any, by dense number.
SELECT
    toInt64(numbered.address_id) AS id, marked.address AS address, max(mark = 'service') AS is_service,
    max(mark = 'hub') AS is_hub, max(mark = 'bait') AS is_bait, max(category) AS category
FROM (SELECT address, CAST(mark AS String) AS mark, CAST(category AS String) AS category FROM address_marks WHERE chain_id = {chain_id:UInt64}) AS marked
INNER JOIN (SELECT address, address_id FROM addresses WHERE chain_id = {chain_id:UInt64}) AS numbered USING (address)
GROUP BY id, address
ORDER BY id
