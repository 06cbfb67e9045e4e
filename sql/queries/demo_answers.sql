-- Every published score of a chain, with the behaviours that were named and whether the address was known before.
SELECT
    concat('0x', lower(hex(s.address))) AS address,
    s.score AS score,
    CAST(s.grade AS String) AS grade,
    arrayMap(name -> CAST(name AS String), f.typologies) AS typologies,
    s.list_channel > 0 OR s.label_channel > 0 AS known_before
FROM scores AS s
LEFT JOIN
(
    SELECT address, groupUniqArray(typology) AS typologies
    FROM typology_findings
    WHERE chain_id = {chain_id:UInt64}
    GROUP BY address
) AS f ON f.address = s.address
WHERE s.chain_id = {chain_id:UInt64}
