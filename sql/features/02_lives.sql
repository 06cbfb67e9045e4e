-- When each address was first seen, in a move or a token transfer.
--
-- builds: feature_lives
-- grain: address
INSERT INTO feature_lives
SELECT address, min(moved_at) AS first_at
FROM
(
    SELECT address, moved_at FROM feature_moves
    UNION ALL
    SELECT address, toUnixTimestamp(block_timestamp)
    FROM transfers
    ARRAY JOIN [from_address, to_address] AS address
    WHERE chain_id = {chain_id:UInt64} AND block_number <= {to_block:UInt64}
        AND kind IN ('erc20', 'erc721', 'erc1155', 'wrap') AND address != toFixedString('', 20)
        AND ({of_everybody:UInt8} = 1 OR address IN (SELECT address FROM feature_scope))
)
GROUP BY address
