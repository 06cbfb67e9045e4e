-- Blocks whose parent hash is not the hash of the block before them.
SELECT child.block_number AS block_number, concat('0x', lower(hex(child.parent_hash))) AS parent_hash, concat('0x', lower(hex(parent.block_hash))) AS block_before
FROM blocks AS child
INNER JOIN blocks AS parent ON parent.chain_id = child.chain_id AND parent.block_number + 1 = child.block_number
WHERE child.chain_id = {chain_id:UInt64} AND parent.chain_id = {chain_id:UInt64} AND child.parent_hash != parent.block_hash
ORDER BY block_number
LIMIT 100
