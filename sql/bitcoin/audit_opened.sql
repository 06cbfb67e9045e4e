-- Ranges that were being written or withdrawn when somebody stopped.
SELECT from_block, to_block
FROM bitcoin_audit
WHERE network = {network:String} AND state = 'open'
ORDER BY from_block
