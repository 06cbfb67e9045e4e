-- The risk score of an address with all that went into it.
--
-- question: How risky is this address, how much does each channel (lists, labels, exposures, behaviours, models) say,
--   and why?
-- tags: risk, scores, wallet
-- param address: Whose score.
-- column score [0 to 100]: Risk; higher is riskier
-- column grade: Low, Medium, High or Severe
-- column evidence: sufficient or insufficient
-- column probability: Calibrated probability of being illicit, under the share of illicit accounts learnt from; NULL where the model abstains
-- column probability_low: Lower end of its interval
-- column probability_high: Upper end of its interval
-- column model_answer: benign (unlike_listed where the model knows nobody licit), illicit, review, insufficient_evidence; empty without a model
-- column base_rate_probability: The probability if illicit addresses were as rare as estimated for the chain; NULL as probability, and where that cannot be told
-- column anomaly: Share of addresses that look less unusual, 0 to 1; 0 when it was not predicted
-- column structure_anomaly: Share of addresses whose place among payments is less unusual, 0 to 1; NULL where nobody looked
-- column list_channel: 1 when it is on a sanctions list
-- column label_channel: Weight of the gravest label, 0 to 1
-- column exposure_channel: Weight of all exposures, 0 to 1
-- column typology_channel: Weight of all findings, 0 to 1
-- column supervised_channel: Weight of the probability, 0 to 1
-- column anomaly_channel: Weight of the anomaly, 0 to 1
-- column reasons: Why, the weightiest first
-- column publication: Number of the publication
-- column as_of_block: Block up to which this is known
-- example: chainsight query run score_of_address --param address=0x4f2b5df7f578c1a8203856c310264e4173d57b04
SELECT
    round(score, 1) AS score,
    CAST(grade AS String) AS grade,
    CAST(evidence AS String) AS evidence,
    probability,
    probability_low,
    probability_high,
    CAST(model_answer AS String) AS model_answer,
    base_rate_probability,
    anomaly,
    structure_anomaly,
    list_channel,
    label_channel,
    exposure_channel,
    typology_channel,
    supervised_channel,
    anomaly_channel,
    reasons,
    publication,
    as_of_block
FROM scores
WHERE chain_id = {chain_id:UInt64} AND address = unhex(substring({address:String}, 3))
