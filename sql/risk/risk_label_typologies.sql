-- Suspicious behaviour that the detectors found, for those who act in it.
--
-- builds:   risk_label_rows
-- grain:    address, typology
INSERT INTO risk_label_rows
    (chain_id, publication, address, channel, risk_label, is_service, weight, name, source, sentence, as_of_block, as_of_block_hash, computed_at)
WITH JSONExtract({policy:String}, 'typology_weight', 'Map(String, Float64)') AS typology_weight
SELECT
    {chain_id:UInt64} AS chain_id,
    {publication:UInt64} AS publication,
    address,
    'typology' AS channel,
    typology AS risk_label,
    0 AS is_service,
    max(
        if(has(JSONExtract({policy:String}, 'blameless_roles', 'Array(String)'), role), 0, 1)
        * least(1, greatest(0, strength))
        * if(
            mapContains(typology_weight, typology),
            typology_weight[typology],
            JSONExtractFloat({policy:String}, 'typology_weight_else')
        )
    ) AS weight,
    '' AS name,
    'typologies' AS source,
    concat(replaceAll(typology, '_', ' '), ' (', argMax(role, (strength, role)), '): ', argMax(sentence, (strength, role))) AS said,
    {as_of_block:UInt64} AS as_of_block,
    toFixedString(unhex({as_of_block_hash:String}), 32) AS as_of_block_hash,
    toDateTime64({at:String}, 3, 'UTC') AS computed_at
FROM typology_findings
WHERE chain_id = {chain_id:UInt64}
GROUP BY address, typology
