-- Blocks whose transfers and whose address_transfers do not tell the same, blocks apart that were not derived yet.
SELECT block_number, sum(expected) AS expected_rows, sum(found) AS found_rows
FROM (
    SELECT
        block_number,
        countIf(from_address != toFixedString('', 20)) + countIf(to_address != toFixedString('', 20)) AS expected,
        0 AS found
    FROM transfers
    WHERE chain_id = {chain_id:UInt64}
    GROUP BY block_number
    UNION ALL
    SELECT block_number, 0, count()
    FROM address_transfers
    WHERE chain_id = {chain_id:UInt64}
    GROUP BY block_number
)
GROUP BY block_number
HAVING found_rows > 0 AND expected_rows != found_rows
ORDER BY block_number
LIMIT 100
