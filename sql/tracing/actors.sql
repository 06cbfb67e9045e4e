-- Who some addresses belong to and since when, as labels say, for stopping at services and naming categories.
SELECT
    address,
    CAST(aspect AS String) AS aspect,
    toUnixTimestamp(valid_from) AS valid_from,
    toUnixTimestamp(valid_to) AS valid_to,
    CAST(category AS String) AS category,
    CAST(actor AS String) AS actor,
    label
FROM address_actors
PREWHERE chain_id = {chain_id:UInt64} AND address IN (SELECT arrayJoin({addresses:Array(FixedString(20))}))
ORDER BY address, aspect, valid_from
