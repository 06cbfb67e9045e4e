-- How large a chain's graph is, up to which block its edges know, and when the last one was.
SELECT
    (SELECT count() FROM addresses WHERE chain_id = {chain_id:UInt64}) AS addresses,
    countIf(from_id != to_id) AS edges,
    sumIf(transfer_count, from_id != to_id) AS transfers,
    countIf(from_id = to_id) AS self_loops,
    max(as_of_block) AS as_of_block,
    toDateTime64(max(last_timestamp), 3, 'UTC') AS as_of_time
FROM address_edges
WHERE chain_id = {chain_id:UInt64}
