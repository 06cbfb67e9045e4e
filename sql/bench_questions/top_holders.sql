-- The hundred addresses that hold most of a token, by what they were given and gave.
SELECT address, sum(change) AS balance
FROM (
    SELECT to_address AS address, toInt256(amount) AS change
    FROM transfers
    WHERE chain_id = {chain_id:UInt64} AND token_address = unhex({token:String}) AND NOT amount_overflow
    UNION ALL
    SELECT from_address, -toInt256(amount)
    FROM transfers
    WHERE chain_id = {chain_id:UInt64} AND token_address = unhex({token:String}) AND NOT amount_overflow
)
GROUP BY address
ORDER BY balance DESC, address
LIMIT 100
