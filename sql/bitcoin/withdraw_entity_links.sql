-- Withdraw what builds of Bitcoin entities knew of withdrawn blocks; the next build finds it anew.
INSERT INTO bitcoin_entity_links (network, block_number, transaction_index, version, is_deleted)
SELECT network, block_number, transaction_index, version + 1, 1
FROM bitcoin_entity_links
WHERE network = {network:String} AND as_of_block >= {first:UInt64} AND {first:UInt64} <= {last:UInt64}
