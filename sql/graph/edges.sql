-- Who gave to whom as the edges of a chain's graph; what an address paid to itself is left out.
--
-- The weight is what moved as the native coin, in its smallest units: the one amount that adds up without prices.
SELECT
    toInt64(from_id) AS src,
    toInt64(to_id) AS dst,
    toInt64(transfer_count) AS transfers,
    toFloat64(native_amount) AS weight
FROM address_edges
WHERE chain_id = {chain_id:UInt64} AND from_id != to_id
    AND from_id IN (SELECT address_id FROM addresses WHERE chain_id = {chain_id:UInt64})
    AND to_id IN (SELECT address_id FROM addresses WHERE chain_id = {chain_id:UInt64})
ORDER BY src, dst
