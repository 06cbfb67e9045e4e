-- The number the next publication takes: above every committed and every abandoned one.
SELECT
    1 + greatest(
        (SELECT max(publication) FROM publications WHERE chain_id = {chain_id:UInt64}),
        (SELECT max(publication) FROM score_rows WHERE chain_id = {chain_id:UInt64}),
        (SELECT max(publication) FROM exposure_rows WHERE chain_id = {chain_id:UInt64}),
        (SELECT max(publication) FROM risk_label_rows WHERE chain_id = {chain_id:UInt64}),
        (SELECT max(publication) FROM recommendation_rows WHERE chain_id = {chain_id:UInt64})
    ) AS publication
