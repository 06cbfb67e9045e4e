-- Nonces that some accounts spent from one block to another, by transactions and by authorisations, in the order of the chain.
--
-- Of authorisations that nobody could judge when they were stored it is not certain that they spent theirs.
SELECT account, block_number, transaction_index, nonce, is_certain
FROM (
    SELECT from_address AS account, block_number, transaction_index, toUInt32(0) AS place, nonce, 1 AS is_certain
    FROM transactions
    WHERE chain_id = {chain_id:UInt64}
        AND block_number BETWEEN {first:UInt64} AND {to_block:UInt64}
        AND hex(from_address) IN (SELECT arrayJoin({accounts:Array(String)}))
    UNION ALL
    -- Those of the range itself are being judged.
    SELECT authority, block_number, transaction_index, authorization_index + 1, nonce, status = 'applied'
    FROM authorizations
    WHERE chain_id = {chain_id:UInt64}
        AND block_number >= {first:UInt64}
        AND block_number < {from_block:UInt64}
        AND status IN ('applied', 'unverified')
        AND hex(authority) IN (SELECT arrayJoin({accounts:Array(String)}))
)
ORDER BY block_number, transaction_index, place
