-- Publications that still have rows in one of the tables of a chain, with whether they were committed.
SELECT held.table AS table, held.publication AS publication, publications.publication > 0 AS committed
FROM
(
    SELECT 'score_rows' AS table, publication FROM score_rows WHERE chain_id = {chain_id:UInt64} GROUP BY publication
    UNION ALL
    SELECT 'exposure_rows', publication FROM exposure_rows WHERE chain_id = {chain_id:UInt64} GROUP BY publication
    UNION ALL
    SELECT 'risk_label_rows', publication FROM risk_label_rows WHERE chain_id = {chain_id:UInt64} GROUP BY publication
    UNION ALL
    SELECT 'recommendation_rows', publication FROM recommendation_rows WHERE chain_id = {chain_id:UInt64} GROUP BY publication
) AS held
LEFT JOIN (SELECT publication FROM publications WHERE chain_id = {chain_id:UInt64}) AS publications ON publications.publication = held.publication
ORDER BY table, publication
