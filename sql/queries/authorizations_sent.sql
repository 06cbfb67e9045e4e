-- The EIP-7702 authorisations of a range of blocks as they were sent, in the order in which they are applied.
SELECT
    block_number,
    block_hash,
    block_timestamp,
    transaction_index,
    transaction_hash,
    from_address AS sender,
    transactions.nonce AS sender_nonce,
    toUInt32(position - 1) AS authorization_index,
    sent.chain_id AS signed_chain_id,
    sent.address AS delegate_address,
    sent.nonce AS nonce,
    sent.y_parity AS y_parity,
    sent.r AS r,
    sent.s AS s
FROM transactions
ARRAY JOIN authorization_list AS sent, arrayEnumerate(authorization_list) AS position
WHERE chain_id = {chain_id:UInt64}
    AND block_number BETWEEN {from_block:UInt64} AND {to_block:UInt64}
    AND transaction_type = 4
ORDER BY block_number, transaction_index, authorization_index
