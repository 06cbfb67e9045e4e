-- What sources say of addresses at a time, by dense number.
SELECT toInt64(numbered.address_id) AS id, CAST(category AS String) AS category
FROM (
    SELECT address, category
    FROM address_actors
    WHERE chain_id = {chain_id:UInt64} AND aspect IN ('service', 'conduct')
        AND valid_from <= toDateTime64({as_of_time:String}, 3, 'UTC') AND toDateTime64({as_of_time:String}, 3, 'UTC') < valid_to
) AS actors
INNER JOIN (SELECT address, address_id FROM addresses WHERE chain_id = {chain_id:UInt64}) AS numbered USING (address)
