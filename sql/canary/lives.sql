-- From which block on some wallets have so many movements, and the block of their last one: where a life can be cut in two.
SELECT wallet AS address, arraySort(groupArray(block_number))[{fewest:UInt32}] AS known_from, max(block_number) AS last_block
FROM transfers
ARRAY JOIN arrayDistinct([from_address, to_address]) AS wallet
WHERE chain_id = {chain_id:UInt64} AND wallet IN (SELECT arrayJoin({addresses:Array(FixedString(20))}))
    AND (
        from_address IN (SELECT arrayJoin({addresses:Array(FixedString(20))}))
        OR to_address IN (SELECT arrayJoin({addresses:Array(FixedString(20))}))
    )
GROUP BY wallet
HAVING count() > {fewest:UInt32}
ORDER BY known_from, address
