-- Every address of the chain and every listed one: channels side by side, score, grade, reasons.
--
-- builds:   score_rows
-- grain:    address
INSERT INTO score_rows
    (chain_id, publication, address, score, grade, evidence, is_service, category,
     probability, probability_low, probability_high, model_answer, base_rate_probability, is_predicted, anomaly, structure_anomaly,
     list_channel, label_channel, exposure_channel, typology_channel, supervised_channel, anomaly_channel,
     reasons, model_id, as_of_block, as_of_block_hash, computed_at)
WITH
    JSONExtract({policy:String}, 'grade_bounds', 'Map(String, Float64)') AS bounds,
    JSONExtractFloat({policy:String}, 'anomaly_start') AS anomaly_start,
    JSONExtractUInt({policy:String}, 'reason_count') AS reason_count,
    said AS
    (
        SELECT
            risk_label_rows.address AS address,
            max(channel = 'list') AS listed,
            max(is_service) AS is_service,
            maxIf(weight, channel = 'label') AS label_weight,
            -- A sum of logarithms is the noisy-or; 0.999999 keeps it finite.
            1 - exp(sumIf(log(1 - least(weight, 0.999999)), channel = 'exposure')) AS exposure_weight,
            1 - exp(sumIf(log(1 - least(weight, 0.999999)), channel = 'typology')) AS typology_weight,
            argMaxIf(risk_label, (weight, risk_label), channel IN ('list', 'label')) AS category,
            arraySort(t -> (-t.1, t.2, t.3), groupArray((weight + (channel = 'list'), CAST(channel AS String), sentence))) AS statements
        FROM risk_label_rows
        WHERE chain_id = {chain_id:UInt64} AND publication = {publication:UInt64}
        GROUP BY address
    ),
    everybody AS
    (
        SELECT address FROM addresses WHERE chain_id = {chain_id:UInt64}
        UNION DISTINCT
        SELECT address FROM said WHERE listed
    ),
    judged AS
    (
        SELECT
            everybody.address AS address,
            said.listed AS listed,
            said.is_service AS is_service,
            said.category AS category,
            said.statements AS statements,
            said.label_weight AS label_channel,
            prediction.probability AS probability,
            prediction.probability_low AS probability_low,
            prediction.probability_high AS probability_high,
            prediction.model_answer AS model_answer,
            prediction.base_rate_probability AS base_rate_probability,
            prediction.learnt_share AS learnt_share,
            prediction.negatives AS negatives,
            prediction.version > 0 AS is_predicted,
            prediction.abstained AS abstained,
            prediction.anomaly AS anomaly,
            prediction.structure_anomaly AS structure_anomaly,
            prediction.model_id AS model_id,
            if(is_service, 0, least(said.exposure_weight, JSONExtractFloat({policy:String}, 'exposure_cap'))) AS exposure_channel,
            if(is_service, 0, least(said.typology_weight, JSONExtractFloat({policy:String}, 'typology_cap'))) AS typology_channel,
            if(
                is_service, 0,
                JSONExtractFloat({policy:String}, 'probability_weight')
                    * pow(ifNull(probability, 0), JSONExtractFloat({policy:String}, 'probability_power'))
            ) AS supervised_channel,
            -- Looking unusual is no evidence by itself: it counts only beside something else.
            listed OR is_service OR label_channel > 0 OR exposure_channel > 0 OR typology_channel > 0 OR probability IS NOT NULL AS known,
            if(
                is_service OR NOT known, 0,
                JSONExtractFloat({policy:String}, 'anomaly_weight') * greatest(0, anomaly - anomaly_start) / (1 - anomaly_start)
            ) AS anomaly_channel
        FROM everybody
        LEFT JOIN said ON said.address = everybody.address
        LEFT JOIN
        (
            SELECT
                address, probability, probability_low, probability_high, CAST(model_answer AS String) AS model_answer,
                base_rate_probability, learnt_share, CAST(negatives AS String) AS negatives,
                CAST(abstained AS String) AS abstained, anomaly, structure_anomaly, model_id,
                version
            FROM wallet_predictions
            WHERE chain_id = {chain_id:UInt64}
        ) AS prediction ON prediction.address = everybody.address
    )
SELECT
    {chain_id:UInt64} AS chain_id,
    {publication:UInt64} AS publication,
    address,
    if(
        listed, 100,
        least(
            JSONExtractFloat({policy:String}, 'score_cap_unlisted'),
            round(100 * (1 - (1 - label_channel) * (1 - exposure_channel) * (1 - typology_channel)
                * (1 - supervised_channel) * (1 - anomaly_channel)), 1)
        )
    ) AS score,
    multiIf(score >= bounds['Severe'], 'Severe', score >= bounds['High'], 'High', score >= bounds['Medium'], 'Medium', 'Low') AS grade,
    if(known, 'sufficient', 'insufficient') AS evidence,
    is_service,
    category,
    probability,
    probability_low,
    probability_high,
    model_answer,
    base_rate_probability,
    is_predicted,
    anomaly,
    structure_anomaly,
    listed AS list_channel,
    label_channel,
    exposure_channel,
    typology_channel,
    supervised_channel,
    anomaly_channel,
    arrayConcat(
        arraySlice(arrayMap(t -> t.3, arrayFilter(t -> NOT is_service OR t.2 IN ('list', 'label'), statements)), 1, reason_count),
        if(is_service, ['a service that many people share: judged by lists and labels only'], []),
        if(
            NOT known,
            [concat(
                'insufficient evidence: no list or label names it, no exposure and no pattern was found, and ',
                multiIf(NOT is_predicted, 'no model has looked at it', abstained = '', 'the model abstained', concat('the model abstained (', abstained, ')'))
            )],
            []
        ),
        if(
            known AND NOT is_service AND empty(statements),
            [concat(
                'nothing speaks against it: on no list, no label, no exposure; the wallet model',
                if(negatives = 'unlabelled', ' (learnt from lists alone: it knows nobody licit)', ''), ' gives ',
                toString(round(100 * ifNull(probability, 0), 1)), '%',
                if(learnt_share IS NULL, '', concat(' among accounts of which ', toString(round(100 * ifNull(learnt_share, 0), 1)), '% are illicit'))
            )],
            []
        )
    ) AS reasons,
    model_id,
    {as_of_block:UInt64} AS as_of_block,
    toFixedString(unhex({as_of_block_hash:String}), 32) AS as_of_block_hash,
    toDateTime64({at:String}, 3, 'UTC') AS computed_at
FROM judged
