-- Whether entities of a chain were ever built, whether an address is on it, and which entity the address belongs to.
SELECT
    (SELECT count() FROM entities WHERE chain_id = {chain_id:UInt64}) AS entity_count,
    (SELECT count() FROM addresses WHERE chain_id = {chain_id:UInt64} AND address = toFixedString(unhex({address:String}), 20)) AS is_known,
    (
        SELECT max(entity_id) FROM entity_members
        WHERE chain_id = {chain_id:UInt64} AND address = toFixedString(unhex({address:String}), 20)
    ) AS entity_id
