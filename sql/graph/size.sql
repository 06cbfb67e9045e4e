-- How large a chain's graph is, and up to which block its edges know.
SELECT
    (SELECT count() FROM addresses WHERE chain_id = {chain_id:UInt64}) AS addresses,
    countIf(from_id != to_id) AS edges,
    sumIf(transfer_count, from_id != to_id) AS transfers,
    countIf(from_id = to_id) AS self_loops,
    max(as_of_block) AS as_of_block
FROM address_edges
WHERE chain_id = {chain_id:UInt64}
