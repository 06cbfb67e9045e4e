-- Publications that hold another number of rows than they say.
SELECT p.publication AS publication, part, stated, held
FROM
(
    SELECT publication, 'scores' AS part, score_count AS stated FROM publications WHERE chain_id = {chain_id:UInt64} AND rows_kept
    UNION ALL SELECT publication, 'exposures', exposure_count FROM publications WHERE chain_id = {chain_id:UInt64} AND rows_kept
    UNION ALL SELECT publication, 'risk_labels', risk_label_count FROM publications WHERE chain_id = {chain_id:UInt64} AND rows_kept
    UNION ALL SELECT publication, 'recommendations', recommendation_count FROM publications WHERE chain_id = {chain_id:UInt64} AND rows_kept
) AS p
LEFT JOIN
(
    SELECT publication, 'scores' AS part, count() AS held FROM score_rows WHERE chain_id = {chain_id:UInt64} GROUP BY publication
    UNION ALL SELECT publication, 'exposures', count() FROM exposure_rows WHERE chain_id = {chain_id:UInt64} GROUP BY publication
    UNION ALL SELECT publication, 'risk_labels', count() FROM risk_label_rows WHERE chain_id = {chain_id:UInt64} GROUP BY publication
    UNION ALL SELECT publication, 'recommendations', count() FROM recommendation_rows WHERE chain_id = {chain_id:UInt64} GROUP BY publication
) AS h ON h.publication = p.publication AND h.part = p.part
WHERE stated != held
ORDER BY publication, part
LIMIT 100
