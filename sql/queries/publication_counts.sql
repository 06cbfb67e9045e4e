-- How many rows a publication has written.
SELECT
    (SELECT count() FROM score_rows WHERE chain_id = {chain_id:UInt64} AND publication = {publication:UInt64}) AS score_count,
    (SELECT count() FROM exposure_rows WHERE chain_id = {chain_id:UInt64} AND publication = {publication:UInt64}) AS exposure_count,
    (SELECT count() FROM risk_label_rows WHERE chain_id = {chain_id:UInt64} AND publication = {publication:UInt64}) AS risk_label_count,
    (SELECT count() FROM recommendation_rows WHERE chain_id = {chain_id:UInt64} AND publication = {publication:UInt64}) AS recommendation_count
