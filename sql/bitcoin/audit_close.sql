-- Take back the rows that say a range is open: nothing of it is left to clear.
INSERT INTO bitcoin_audit (network, from_block, to_block, version, is_deleted)
SELECT network, from_block, to_block, version + 1, 1
FROM bitcoin_audit
WHERE network = {network:String} AND state = 'open' AND from_block = {from_block:UInt64} AND to_block = {to_block:UInt64}
