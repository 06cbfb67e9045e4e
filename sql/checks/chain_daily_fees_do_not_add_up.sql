-- Days on which transactions used another amount of gas than the headers of their blocks say.
SELECT f.day AS day, any(f.gas_used) AS stated_gas, sum(b.gas) AS gas_of_headers
FROM (SELECT day, gas_used, as_of_block FROM chain_daily_fees WHERE chain_id = {chain_id:UInt64}) AS f
INNER JOIN (
    SELECT toDate(block_timestamp, 'UTC') AS day, block_number, gas_used AS gas
    FROM blocks
    WHERE chain_id = {chain_id:UInt64}
) AS b ON b.day = f.day
WHERE b.block_number <= f.as_of_block
GROUP BY f.day
HAVING stated_gas != gas_of_headers
ORDER BY day
LIMIT 100
