-- Every published score of a chain, with the behaviours that were named and whether the address was known before.
SELECT
    concat('0x', lower(hex(s.address))) AS address,
    s.score AS score,
    CAST(s.grade AS String) AS grade,
    arrayMap(name -> CAST(name AS String), named.behaviours) AS typologies,
    s.list_channel > 0 OR s.label_channel > 0 AS known_before
FROM scores AS s
LEFT JOIN
(
    SELECT address, groupUniqArray(behaviour) AS behaviours
    FROM
    (
        SELECT address, CAST(typology AS String) AS behaviour
        FROM typology_findings
        WHERE chain_id = {chain_id:UInt64}
        UNION ALL
        -- Dealings with listed parties have no detector of their own: the exposures name them.
        SELECT address, 'sanctions'
        FROM risk_labels
        WHERE chain_id = {chain_id:UInt64} AND risk_label IN ('sanctioned', 'exposure_sanctioned')
    )
    GROUP BY address
) AS named ON named.address = s.address
WHERE s.chain_id = {chain_id:UInt64}
