-- The score of one address in one publication.
SELECT
    publication,
    score,
    CAST(grade AS String) AS grade,
    CAST(evidence AS String) AS evidence,
    is_service,
    CAST(category AS String) AS category,
    probability,
    probability_low,
    probability_high,
    CAST(model_answer AS String) AS model_answer,
    base_rate_probability,
    is_predicted,
    anomaly,
    structure_anomaly,
    list_channel,
    label_channel,
    exposure_channel,
    typology_channel,
    supervised_channel,
    anomaly_channel,
    reasons,
    model_id,
    as_of_block,
    lower(hex(as_of_block_hash)) AS as_of_block_hash,
    computed_at
FROM score_rows
WHERE chain_id = {chain_id:UInt64} AND publication = {publication:UInt64} AND address = unhex({address:String})
-- One row is looked up: more threads would only wait for each other.
SETTINGS max_threads = 1
