-- What the models say of an address that would weigh something, with its interval, its answer and the strongest reasons. A
-- probability is one among accounts as those learnt from, so that mix is said, and what is left of it under the chain's own.
--
-- builds:   risk_label_rows
-- grain:    address, model
INSERT INTO risk_label_rows
    (chain_id, publication, address, channel, risk_label, is_service, weight, name, source, sentence, as_of_block, as_of_block_hash, computed_at)
WITH
    JSONExtractFloat({policy:String}, 'probability_weight') AS probability_weight,
    JSONExtractFloat({policy:String}, 'anomaly_start') AS anomaly_start
SELECT
    {chain_id:UInt64} AS chain_id,
    {publication:UInt64} AS publication,
    address,
    'model' AS channel,
    said.1 AS risk_label,
    0 AS is_service,
    said.2 AS weight,
    '' AS name,
    'models' AS source,
    said.3 AS sentence,
    {as_of_block:UInt64} AS as_of_block,
    toFixedString(unhex({as_of_block_hash:String}), 32) AS as_of_block_hash,
    toDateTime64({at:String}, 3, 'UTC') AS computed_at
FROM wallet_predictions
ARRAY JOIN
    [
        (
            'suspected_illicit',
            probability_weight * pow(ifNull(probability, 0), JSONExtractFloat({policy:String}, 'probability_power')),
            concat(
                'the wallet model', if(negatives = 'unlabelled', ' (learnt from lists alone: it knows nobody licit)', ''), ' gives ',
                toString(round(100 * ifNull(probability, 0), 1)), '% probability of being illicit',
                if(
                    probability_low IS NULL, '',
                    concat(' (', toString(round(100 * ifNull(probability_low, 0), 1)), '–', toString(round(100 * ifNull(probability_high, 0), 1)), '%)')
                ),
                if(learnt_share IS NULL, '', concat(' among accounts of which ', toString(round(100 * ifNull(learnt_share, 0), 1)), '% are illicit')),
                if(
                    base_rate_probability IS NULL, if(base_rate_unknown = '', '', ', the chain''s own share cannot be told'),
                    concat(', ', toString(round(100 * ifNull(base_rate_probability, 0), 2)), '% under the estimated base rate of the chain')
                ),
                if(model_answer = '', '', concat(', answer ', model_answer)),
                if(empty(reasons), '', concat(': ', arrayStringConcat(arraySlice(reasons, 1, 3), '; ')))
            )
        ),
        (
            'unusual',
            JSONExtractFloat({policy:String}, 'anomaly_weight') * greatest(0, anomaly - anomaly_start) / (1 - anomaly_start),
            concat('looks more unusual than ', toString(round(100 * anomaly, 1)), '% of the addresses')
        )
    ] AS said
WHERE chain_id = {chain_id:UInt64} AND said.2 >= 0.01
