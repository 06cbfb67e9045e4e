-- Note where a chain's source is. Finality never falls, and a source that lags behind another does not undo it; but it is
-- never beyond what the source, or the store, has: a node that once spoke of blocks nobody has is forgotten.
INSERT INTO chain_heads
    (chain_id, latest_block, safe_block, safe_block_hash, finalized_block, finalized_block_hash, version)
WITH
    greatest({latest:UInt64}, (SELECT max(to_block) FROM ingest_audit WHERE chain_id = {chain_id:UInt64})) AS newest,
    (SELECT max(finalized_block) FROM chain_heads WHERE chain_id = {chain_id:UInt64}) AS final_before,
    least(greatest({finalized:UInt64}, if(final_before > newest, 0, final_before)), newest) AS final,
    least(greatest({safe:UInt64}, final), newest) AS safe
SELECT
    {chain_id:UInt64},
    {latest:UInt64},
    safe,
    (SELECT max(block_hash) FROM blocks WHERE chain_id = {chain_id:UInt64} AND block_number = safe),
    final,
    (SELECT max(block_hash) FROM blocks WHERE chain_id = {chain_id:UInt64} AND block_number = final),
    {version:UInt64}
