-- Note where a chain's source is. Finality never falls, and a source that lags behind another does not undo it.
INSERT INTO chain_heads
    (chain_id, latest_block, safe_block, safe_block_hash, finalized_block, finalized_block_hash, version)
WITH
    greatest({finalized:UInt64}, (SELECT max(finalized_block) FROM chain_heads WHERE chain_id = {chain_id:UInt64})) AS final,
    greatest({safe:UInt64}, final) AS safe
SELECT
    {chain_id:UInt64},
    {latest:UInt64},
    safe,
    (SELECT max(block_hash) FROM blocks WHERE chain_id = {chain_id:UInt64} AND block_number = safe),
    final,
    (SELECT max(block_hash) FROM blocks WHERE chain_id = {chain_id:UInt64} AND block_number = final),
    {version:UInt64}
