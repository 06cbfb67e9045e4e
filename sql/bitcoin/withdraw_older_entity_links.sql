-- Withdraw what the newest build of Bitcoin entities no longer found.
INSERT INTO bitcoin_entity_links (network, block_number, transaction_index, version, is_deleted)
SELECT network, block_number, transaction_index, {version:UInt64}, 1
FROM bitcoin_entity_links AS l
WHERE network = {network:String} AND l.version < {version:UInt64}
