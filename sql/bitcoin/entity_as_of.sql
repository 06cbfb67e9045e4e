-- The newest committed block of a Bitcoin network.
SELECT max(to_block) AS as_of_block, count() AS batch_count
FROM bitcoin_audit
WHERE network = {network:String} AND state = 'committed'
