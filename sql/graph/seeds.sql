-- Addresses from which proximity is measured: those of the categories given at the time of the last edge, by group.
SELECT DISTINCT toInt64(numbered.address_id) AS id, transform(CAST(category AS String), {categories:Array(String)}, {groups:Array(String)}, '') AS seed_group
FROM (
    SELECT address, category
    FROM address_actors
    WHERE chain_id = {chain_id:UInt64} AND has({categories:Array(String)}, CAST(category AS String))
        AND valid_from <= toDateTime64({as_of_time:String}, 3, 'UTC') AND toDateTime64({as_of_time:String}, 3, 'UTC') < valid_to
) AS actors
INNER JOIN (SELECT address, address_id FROM addresses WHERE chain_id = {chain_id:UInt64}) AS numbered USING (address)
ORDER BY seed_group, id
