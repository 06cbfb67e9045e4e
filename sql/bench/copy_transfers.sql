-- Transfers of copies of the sample's blocks, some blocks apart; parties that are not popular recur in one copy of fifty.
INSERT INTO transfers
WITH
    (bytes, copy) -> SHA256(concat(bytes, toString(copy))) AS rehashed,
    popular AS (
        SELECT address
        FROM (
            SELECT arrayJoin([from_address, to_address, token_address]) AS address
            FROM transfers
            WHERE chain_id = {chain_id:UInt64} AND block_number <= {sample_last:UInt64}
        )
        GROUP BY address
        HAVING count() >= 20
    ),
    (address, copy) -> if(
        address IN popular, address, toFixedString(substring(rehashed(address, copy % 50), 1, 20), 20)
    ) AS party,
    sample AS (SELECT * FROM transfers WHERE chain_id = {chain_id:UInt64} AND block_number <= {sample_last:UInt64}),
    copies AS (SELECT number AS copy FROM numbers({from_copy:UInt64}, {copies:UInt64}))
SELECT
    sample.* REPLACE (
        block_number + copy * {stride:UInt64} AS block_number,
        rehashed(block_hash, copy) AS block_hash,
        block_timestamp + toUInt32(copy * {stride:UInt64} * 12) AS block_timestamp,
        rehashed(transaction_hash, copy) AS transaction_hash,
        party(from_address, copy) AS from_address,
        party(to_address, copy) AS to_address,
        party(token_address, copy) AS token_address
    )
FROM sample
CROSS JOIN copies
