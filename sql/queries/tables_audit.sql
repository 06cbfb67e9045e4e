-- The batch that a folder of tables became, by its content; no row when it was never read.
SELECT
    from_block,
    to_block,
    transaction_count,
    transfer_count,
    (
        SELECT count()
        FROM transfers
        WHERE chain_id = {chain_id:UInt64} AND kind = 'erc20' AND block_number BETWEEN a.from_block AND a.to_block
    ) AS token_transfers
FROM ingest_audit AS a
WHERE chain_id = {chain_id:UInt64} AND source = 'tables' AND location = {location:String}
