-- Head, safe and finalized block of a chain as last observed; no row before the first observation.
SELECT latest_block AS latest, safe_block AS safe, finalized_block AS finalized
FROM chain_heads
WHERE chain_id = {chain_id:UInt64}
