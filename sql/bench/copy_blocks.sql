-- Headers of copies of the sample's blocks, some blocks apart.
INSERT INTO blocks
WITH
    (bytes, copy) -> SHA256(concat(bytes, toString(copy))) AS rehashed,
    sample AS (SELECT * FROM blocks WHERE chain_id = {chain_id:UInt64} AND block_number <= {sample_last:UInt64}),
    copies AS (SELECT number AS copy FROM numbers({from_copy:UInt64}, {copies:UInt64}))
SELECT
    sample.* REPLACE (
        block_number + copy * {stride:UInt64} AS block_number,
        rehashed(block_hash, copy) AS block_hash,
        block_timestamp + toUInt32(copy * {stride:UInt64} * 12) AS block_timestamp,
        rehashed(parent_hash, copy) AS parent_hash
    )
FROM sample
CROSS JOIN copies
