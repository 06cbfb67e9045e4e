-- The audit row of one batch of blocks: written last, it commits the batch. What it counts was counted in the tables (batch_held).
--
-- Its version is higher than that of every row before it, also where the clock was set back: what derives asks for newer ones.
INSERT INTO ingest_audit (
    chain_id, from_block, to_block, to_block_hash, to_block_timestamp, source, location, block_count,
    transaction_count, log_count, trace_count, transfer_count, proofs, finality, version
)
SELECT
    {chain_id:UInt64},
    {from_block:UInt64},
    {to_block:UInt64},
    block_hash,
    block_timestamp,
    {source:String},
    {location:String},
    {blocks:UInt64},
    {transactions:UInt64},
    {logs:UInt64},
    {traces:UInt64},
    {transfers:UInt64},
    {proofs:Array(String)},
    {finality:String},
    greatest({version:UInt64}, (SELECT max(version) + 1 FROM ingest_audit WHERE chain_id = {chain_id:UInt64} SETTINGS final = 0))
FROM blocks
WHERE chain_id = {chain_id:UInt64} AND block_number = {to_block:UInt64}
