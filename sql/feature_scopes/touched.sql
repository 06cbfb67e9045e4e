-- The addresses of which a range of blocks says something: ends of moves, contracts that show themselves, approved spenders.
INSERT INTO feature_scope
SELECT DISTINCT address
FROM (
    SELECT arrayJoin([from_address, coalesce(to_address, contract_address, toFixedString('', 20))]) AS address
    FROM transactions
    WHERE chain_id = {chain_id:UInt64} AND block_number BETWEEN {from_block:UInt64} AND {to_block:UInt64}
    UNION ALL
    SELECT arrayJoin([from_address, to_address, token_address])
    FROM transfers
    WHERE chain_id = {chain_id:UInt64} AND block_number BETWEEN {from_block:UInt64} AND {to_block:UInt64}
    UNION ALL
    SELECT arrayJoin([address, if(length(topics) >= 3, toFixedString(substring(topics[3], 13), 20), address)])
    FROM logs
    WHERE chain_id = {chain_id:UInt64} AND block_number BETWEEN {from_block:UInt64} AND {to_block:UInt64}
)
WHERE address != toFixedString('', 20)
