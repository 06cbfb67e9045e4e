-- Who addresses belonged to at a time, as labels say it: one row for each address and aspect.
SELECT
    hex(a.address) AS address, CAST(a.aspect AS String) AS aspect, CAST(a.category AS String) AS category,
    CAST(a.actor AS String) AS actor
FROM address_actors AS a
WHERE chain_id = {chain_id:UInt64} AND hex(a.address) IN (SELECT arrayJoin({addresses:Array(String)}))
    AND valid_from <= {at:DateTime} AND {at:DateTime} < valid_to
ORDER BY a.address, a.aspect = 'service' DESC, a.aspect
