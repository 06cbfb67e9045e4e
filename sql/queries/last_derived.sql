-- When a chain's blocks were last ingested and its edges last derived, and up to which block.
SELECT
    (SELECT max(ingested_at) FROM ingest_audit WHERE chain_id = {chain_id:UInt64}) AS ingested_at,
    (SELECT max(computed_at) FROM address_edges WHERE chain_id = {chain_id:UInt64}) AS derived_at,
    (SELECT max(as_of_block) FROM address_edges WHERE chain_id = {chain_id:UInt64}) AS derived_to
