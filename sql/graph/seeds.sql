-- Addresses from which proximity is measured: those of the categories given at the time of the last transfer that is an edge, by group.
WITH (
    SELECT max(block_timestamp) FROM transfers WHERE chain_id = {chain_id:UInt64} AND block_number <= {as_of_block:UInt64}
) AS known_until
SELECT DISTINCT toInt64(numbered.address_id) AS id, transform(CAST(category AS String), {categories:Array(String)}, {groups:Array(String)}, '') AS seed_group
FROM (
    SELECT address, category
    FROM address_actors
    WHERE chain_id = {chain_id:UInt64} AND valid_from <= known_until AND known_until < valid_to
        AND has({categories:Array(String)}, CAST(category AS String))
) AS actors
INNER JOIN (SELECT address, address_id FROM addresses WHERE chain_id = {chain_id:UInt64}) AS numbered USING (address)
ORDER BY seed_group, id
