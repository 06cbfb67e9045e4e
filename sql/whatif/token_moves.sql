-- What one wallet does with tokens up to a block, its latest movements; one to itself stands once, as one that went out.
--
-- `address_transfers` says where they are, `transfers` has their hashes; see native_moves.sql for the settings.
SELECT
    CAST(kind AS String) AS kind, toUInt8(from_address = toFixedString(unhex({address:String}), 20)) AS is_out,
    if(from_address = toFixedString(unhex({address:String}), 20), to_address, from_address) AS counterparty,
    toUnixTimestamp(block_timestamp) AS moved_at, block_number, transaction_index, position, batch_index,
    transaction_hash, token_address, token_id, amount
FROM transfers
WHERE chain_id = {chain_id:UInt64} AND transfers.kind IN ('erc20', 'erc721', 'erc1155', 'wrap')
    AND (block_number, transaction_index) IN (
        SELECT block_number, transaction_index
        FROM address_transfers
        WHERE chain_id = {chain_id:UInt64} AND address = toFixedString(unhex({address:String}), 20)
            AND block_number <= {to_block:UInt64} AND kind IN ('erc20', 'erc721', 'erc1155', 'wrap')
            AND NOT (direction = 'in' AND counterparty_address = address)
        ORDER BY block_number DESC, transaction_index DESC, position DESC, batch_index DESC
        LIMIT {most:UInt64}
    )
    AND (from_address = toFixedString(unhex({address:String}), 20) OR to_address = toFixedString(unhex({address:String}), 20))
ORDER BY block_number DESC, transaction_index DESC, position DESC, batch_index DESC, kind
LIMIT {most:UInt64}
SETTINGS max_threads = 1, optimize_read_in_order = 0
