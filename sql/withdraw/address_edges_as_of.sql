-- Let the edges that no withdrawn block touched say that they know blocks up to the watermark, and none that left the chain.
INSERT INTO address_edges
SELECT * REPLACE ({to_block:UInt64} AS as_of_block, version + 1 AS version)
FROM (SELECT * FROM address_edges WHERE chain_id = {chain_id:UInt64} AND as_of_block > {to_block:UInt64}) AS beyond
