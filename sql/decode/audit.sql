-- The audit row of one batch of blocks: written last, it commits the batch.
INSERT INTO ingest_audit (
    chain_id, from_block, to_block, to_block_hash, to_block_timestamp, source, location, block_count,
    transaction_count, log_count, trace_count, transfer_count, proofs, finality, version
)
SELECT
    {chain_id:UInt64},
    {from_block:UInt64},
    {to_block:UInt64},
    argMax(block_hash, block_number),
    max(block_timestamp),
    {source:String},
    {location:String},
    count(),
    sum(transaction_count),
    (SELECT count() FROM logs WHERE chain_id = {chain_id:UInt64} AND block_number BETWEEN {from_block:UInt64} AND {to_block:UInt64}),
    (SELECT count() FROM traces WHERE chain_id = {chain_id:UInt64} AND block_number BETWEEN {from_block:UInt64} AND {to_block:UInt64}),
    (SELECT count() FROM transfers WHERE chain_id = {chain_id:UInt64} AND block_number BETWEEN {from_block:UInt64} AND {to_block:UInt64}),
    {proofs:Array(String)},
    {finality:String},
    {version:UInt64}
FROM blocks
WHERE chain_id = {chain_id:UInt64} AND block_number BETWEEN {from_block:UInt64} AND {to_block:UInt64}
