-- What sources say of addresses at the time of the last transfer up to a block, by dense number.
WITH (
    SELECT max(block_timestamp) FROM transfers WHERE chain_id = {chain_id:UInt64} AND block_number <= {to_block:UInt64}
) AS known_until
SELECT toInt64(numbered.address_id) AS id, CAST(category AS String) AS category
FROM (
    SELECT address, category
    FROM address_actors
    WHERE chain_id = {chain_id:UInt64} AND aspect IN ('service', 'conduct')
        AND valid_from <= known_until AND known_until < valid_to
) AS actors
INNER JOIN (SELECT address, address_id FROM addresses WHERE chain_id = {chain_id:UInt64}) AS numbered USING (address)
