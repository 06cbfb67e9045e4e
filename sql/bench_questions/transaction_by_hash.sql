-- One transaction by its hash.
SELECT *
FROM transactions
WHERE chain_id = {chain_id:UInt64} AND transaction_hash = unhex({hash:String})
