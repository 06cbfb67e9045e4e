-- What moved from and to some wallets up to a block, out of the store's own table; `transfers` is a temporary table, too.
--
-- builds: transfers
INSERT INTO transfers (chain_id, block_number, block_timestamp, transaction_index, transaction_hash, kind, position, batch_index,
    from_address, to_address, token_address, token_id, amount)
SELECT
    chain_id, block_number, block_timestamp, transaction_index, transaction_hash, kind, position, batch_index,
    from_address, to_address, token_address, token_id, amount
FROM {database:Identifier}.transfers AS stored
WHERE chain_id = {chain_id:UInt64} AND block_number <= {to_block:UInt64}
    AND (
        from_address IN (SELECT arrayJoin({addresses:Array(FixedString(20))}))
        OR to_address IN (SELECT arrayJoin({addresses:Array(FixedString(20))}))
    )
