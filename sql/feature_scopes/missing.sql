-- The addresses that lack a row of features they should have, because blocks that the row knew were withdrawn.
INSERT INTO feature_scope
SELECT DISTINCT address
FROM (
    SELECT arrayJoin([from_address, assumeNotNull(to_address)]) AS address
    FROM transactions
    WHERE chain_id = {chain_id:UInt64} AND block_number <= {to_block:UInt64} AND to_address IS NOT NULL
    UNION ALL
    SELECT arrayJoin([from_address, to_address])
    FROM transfers
    WHERE chain_id = {chain_id:UInt64} AND block_number <= {to_block:UInt64} AND kind IN ('internal', 'withdrawal')
)
WHERE address != toFixedString('', 20)
    AND address NOT IN (SELECT address FROM address_features WHERE chain_id = {chain_id:UInt64})
UNION DISTINCT
SELECT DISTINCT arrayJoin([from_address, to_address]) AS address
FROM transfers
WHERE chain_id = {chain_id:UInt64} AND block_number <= {to_block:UInt64} AND kind IN ('erc20', 'erc721', 'erc1155', 'wrap')
    AND address NOT IN (SELECT address FROM address_token_features WHERE chain_id = {chain_id:UInt64})
    AND address != toFixedString('', 20)
UNION DISTINCT
SELECT address
FROM (
    SELECT address FROM address_features WHERE chain_id = {chain_id:UInt64}
    UNION DISTINCT
    SELECT address FROM address_token_features WHERE chain_id = {chain_id:UInt64}
)
WHERE address NOT IN (SELECT address FROM address_detail_features WHERE chain_id = {chain_id:UInt64})
