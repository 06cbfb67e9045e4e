-- Let the column `finality` of every table follow the record, where that has changed.
INSERT INTO chain_finality (chain_id, safe_block, finalized_block)
SELECT chain_id, safe_block, finalized_block
FROM chain_heads
WHERE chain_id = {chain_id:UInt64}
    AND (safe_block, finalized_block) != (
        joinGet('chain_finality', 'safe_block', chain_id), joinGet('chain_finality', 'finalized_block', chain_id)
    )
