-- Withdraw the measures of addresses that the newest run did not measure.
INSERT INTO address_measures
    (chain_id, address_id, address, in_degree, out_degree, pagerank, component, community, cycles_2, cycles_3, engine,
     as_of_block, version, is_deleted)
SELECT
    chain_id, address_id, address, 0, 0, 0, 0, 0, 0, 0, engine, as_of_block, {version:UInt64}, 1
FROM address_measures
WHERE chain_id = {chain_id:UInt64} AND version < {version:UInt64}
